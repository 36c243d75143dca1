# Built in two stages, so that the image that runs holds no build tools and no cache.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.txt pyproject.toml README.md ./
RUN python -m venv /opt/bqw \
    && /opt/bqw/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt
COPY bot bot
COPY dashboard dashboard
COPY handlers handlers
COPY knowledge knowledge
COPY scheduler scheduler
COPY simulator simulator
COPY storage storage
COPY supervision supervision
COPY .ci/link_source.py .ci/link_source.py
# The source goes into the environment itself: nothing is mounted and nothing is built when it runs.
RUN cp -r bot dashboard handlers knowledge scheduler simulator storage supervision \
        "$(/opt/bqw/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')" \
    && /opt/bqw/bin/python .ci/link_source.py \
    && rm -f /opt/bqw/lib/python3*/site-packages/bqw.pth \
    && /opt/bqw/bin/python -m compileall -q /opt/bqw/lib

FROM python:3.11-slim
ENV PATH=/opt/bqw/bin:$PATH PYTHONUNBUFFERED=1 TZ=Asia/Shanghai \
    BQW_SERVER_HOST=0.0.0.0 BQW_DATABASE_URL=sqlite:////data/bqw.db \
    BQW_FILES_FOLDER=/data/files
RUN useradd --system --uid 10001 --create-home bqw && mkdir /data && chown bqw /data
COPY --from=build /opt/bqw /opt/bqw
USER 10001
WORKDIR /home/bqw
VOLUME /data
EXPOSE 8080
# The slim image has no curl; readiness is asked by Python itself.
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
ENTRYPOINT ["bqw"]
CMD ["serve"]
