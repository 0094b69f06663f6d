# The service, with PostgreSQL's driver. compose.yaml runs it beside a PostgreSQL server.
FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN python -m venv /opt/mcs \
    && /opt/mcs/bin/pip install --no-cache-dir '.[postgres]'

FROM python:3.13-slim
COPY --from=build /opt/mcs /opt/mcs
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/mcs mcs
USER 10001
WORKDIR /var/lib/mcs
VOLUME /var/lib/mcs
ENV PATH=/opt/mcs/bin:$PATH \
    MCS_VAR=/var/lib/mcs \
    MCS_HOST=0.0.0.0 \
    MCS_PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/control/health')"]
ENTRYPOINT ["mcs"]
CMD ["serve"]
