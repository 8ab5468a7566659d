# One image for every process of the product; Procfile and docker-compose.yml say which commands it runs.

FROM node:22-slim AS pages
WORKDIR /build
COPY package.json package-lock.json .npmrc build.mjs ./
RUN npm ci --omit=dev --ignore-scripts
COPY static ./static
RUN node build.mjs

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DEBUG=false HOST=0.0.0.0 PORT=8000 VAR_DIR=/app/var
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --require-hashes --no-deps -r requirements/base.txt
COPY . .
COPY --from=pages /build/static/dist ./static/dist
# Collecting needs some secret to start, and keeps none: this value lives in this one command.
RUN useradd --system --uid 10001 product \
    && python -m devkit.translations compile \
    && SECRET_KEY=build python manage.py collectstatic --no-input --skip-checks --verbosity 0 \
    && chown product var
USER product
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD python -c "import os, socket; socket.create_connection(('127.0.0.1', int(os.environ['PORT'])), 3)"
CMD ["sh", "-c", "exec uvicorn carerix_calendar.asgi:application --host $HOST --port $PORT --no-access-log --timeout-graceful-shutdown 2"]
