# Two stages: wheels are built where there is a compiler, and run where there is none.
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY kb kb
COPY indexer indexer
COPY web web
COPY content content
RUN python -m venv /opt/zhihui \
    && /opt/zhihui/bin/pip install --no-cache-dir --disable-pip-version-check ".[postgres,server]"

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/zhihui zhihui
COPY --from=build /opt/zhihui /opt/zhihui
ENV PATH=/opt/zhihui/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KB_HOME=/var/lib/zhihui/data \
    KB_HOST=0.0.0.0
USER 10001
WORKDIR /var/lib/zhihui
VOLUME /var/lib/zhihui/data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# `kb init` migrates before the workers start; it is safe to repeat.
CMD ["sh", "-c", "kb init && exec gunicorn --bind 0.0.0.0:8000 --workers ${KB_WORKERS:-2} --worker-class gthread --threads ${KB_THREADS:-8} --worker-tmp-dir /dev/shm --access-logfile - web.wsgi:app"]
