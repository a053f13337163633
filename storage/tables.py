"""All tables, found in the modules of this package; nobody lists them."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from storage.database import metadata

__all__ = ["metadata"]

for _module in pkgutil.iter_modules([str(Path(__file__).parent)]):
    if _module.name != "tables":
        importlib.import_module(f"storage.{_module.name}")
