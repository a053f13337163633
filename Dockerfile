# syntax=docker/dockerfile:1
FROM python:3.12-slim-bookworm AS build
# --build-arg EXTRAS=local-background, for REMBG_MODEL
ARG EXTRAS=
RUN pip install --no-cache-dir "uv>=0.9,<1"
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
# the packages alone first: this layer stays while only our own code changes
COPY pyproject.toml uv.lock ./
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --no-dev --no-install-project ${EXTRAS:+--extra=$EXTRAS}
COPY README.md LICENSE ./
COPY bot bot
COPY core core
COPY providers providers
COPY storage storage
COPY migrations migrations
RUN --mount=type=cache,target=/root/.cache/uv \
    uv sync --locked --no-dev --no-editable ${EXTRAS:+--extra=$EXTRAS}

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="Atelier" \
      org.opencontainers.image.description="A self-hosted image studio for Discord, Telegram and the browser" \
      org.opencontainers.image.licenses="MIT"
RUN groupadd --system --gid 10001 atelier \
 && useradd --system --uid 10001 --gid atelier --home-dir /data --no-create-home atelier \
 && install -d -o atelier -g atelier -m 0700 /data
COPY --from=build /app/.venv /app/.venv
# the modules are compiled already, and the file system may be read-only
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ATELIER_DATA_DIR=/data \
    HOST=0.0.0.0 \
    PORT=8080
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["atelier"]
CMD ["up"]
