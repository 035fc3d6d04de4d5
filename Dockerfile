FROM node:24-slim AS assets
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev
COPY . .
RUN node build.mjs

FROM python:3.13-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.lock ./
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: --no-deps -r requirements.lock

FROM python:3.13-slim
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin crm && install -d -o crm -g crm /data
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    DJANGO_SETTINGS_MODULE=crm.settings \
    CRM_ENV=production \
    CRM_VAR=/data
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY . .
COPY --from=assets /build/static/dist static/dist
RUN pybabel compile --directory crm/locale --domain django && python -m compileall -q .
USER crm
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-m", "crm.launcher.health"]
CMD ["uvicorn", "crm.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off", "--ws-max-size", "65536", "--ws-per-message-deflate", "false", \
     "--no-access-log", "--no-server-header", "--timeout-graceful-shutdown", "5", "--log-level", "warning"]
