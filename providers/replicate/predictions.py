"""What Replicate says of a prediction, and what its refusals and failures mean."""

from __future__ import annotations

import re
from dataclasses import dataclass

from providers.base import Fault, OutcomeUnknown, ProviderError
from providers.reading import object_in
from providers.transport import Answer, Wire

OUTPUTS_MAX = 8

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_RESETS = re.compile(r"rate limit resets in ~?(\d{1,6})s", re.ASCII)
_ENDED = frozenset({"succeeded", "failed", "canceled", "aborted"})

# A failure's text is all that tells its kind; what matches nothing may pass at another try.
_FAULT_OF_FAILURE = (
    (re.compile(r"flagged as sensitive|\(E005\)|NSFW content detected"), Fault.REFUSED),
    (re.compile(r"CUDA out of memory|\bE1001\b"), Fault.BAD_INPUT),
)
_FAULT_OF_TITLE = {"Invalid version or not permitted": Fault.MODEL_GONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One run of a model; `outputs` are addresses or data URIs, and none are left once `removed`."""

    id: str
    status: str
    outputs: tuple[str, ...] = ()
    removed: bool = False
    error: str = ""

    @property
    def ended(self) -> bool:
        """Whether it will not change; a status that nobody knows yet counts as running."""
        return self.status in _ENDED


def prediction_of(answer: Answer) -> Prediction:
    """Read a prediction; raises OutcomeUnknown where the answer is none."""
    told = answer.json()
    if not isinstance(told, dict):
        raise OutcomeUnknown("the answer is not an object")
    theirs, status, output = told.get("id"), told.get("status"), told.get("output")
    if not isinstance(theirs, str) or not _ID.fullmatch(theirs) or not isinstance(status, str):
        raise OutcomeUnknown("the answer is no prediction")
    rows = output if isinstance(output, list) else [output]
    return Prediction(
        id=theirs,
        status=status,
        outputs=tuple(row for row in rows[:OUTPUTS_MAX] if isinstance(row, str)),
        removed=told.get("data_removed") is True or output is None,
        error=str(told.get("error") or ""),
    )


def refused(wire: Wire, answer: Answer) -> ProviderError:
    """The error for an answer that says no: by title, else status; a wait may stand in its text."""
    title, detail = _problem(answer)
    error = wire.refusal(answer, _FAULT_OF_TITLE.get(title) if answer.status == 422 else None)
    found = _RESETS.search(detail)
    if error.fault is Fault.RATE_LIMITED and error.retry_after_s is None and found:
        return ProviderError(error.fault, error.detail, retry_after_s=float(found[1]))
    return error


def failed(wire: Wire, prediction: Prediction) -> ProviderError:
    """The error for a prediction that ended without an output."""
    told = wire.redacted(f"{prediction.status}: {prediction.error}"[:2000])[:300]
    if prediction.status != "failed":
        # Stopped by us, by its deadline, or (aborted) before it ran at all.
        return ProviderError(Fault.UNAVAILABLE, told)
    for pattern, fault in _FAULT_OF_FAILURE:
        if pattern.search(prediction.error):
            return ProviderError(fault, told)
    return ProviderError(Fault.UNAVAILABLE, told)


def _problem(answer: Answer) -> tuple[str, str]:
    """The title and detail of a refusal's JSON, where it has them."""
    told = object_in(answer) or {}
    return str(told.get("title") or ""), str(told.get("detail") or "")
