# One image for the simulator, the dashboard and the study of both; the command chooses which of their programs runs.
FROM python:3.13-slim

# Nobody in here needs to be root. The fixed number lets the credentials be handed to this account.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin monitor \
    # A new named volume takes its owner from the folder that it is mounted on.
    && install -d -o monitor -g monitor /data/history /data/simulator

WORKDIR /app

# Before the code, so that a change of the code does not install everything again.
COPY requirements.lock ./
# In an environment of its own, so that it does not meet packages of the base image.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

COPY broker-config/acl broker-config/make_credentials.py broker-config/make_certificates.py broker-config/
COPY protocol protocol
COPY simulator simulator
COPY dashboard dashboard
COPY demo demo

# Log lines come out at once, and nothing is written beside the code.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER monitor
ENTRYPOINT ["python", "-m"]
CMD ["simulator", "--help"]
