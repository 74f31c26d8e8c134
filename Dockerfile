# The app for others: docs/deploying.md.
FROM python:3.12-slim

# The index of CPU builds of torch, as pytorch.org/get-started/locally shows it. Without it come 6 GB of CUDA files.
ARG TORCH_INDEX
RUN test -n "$TORCH_INDEX" || { echo "Pass --build-arg TORCH_INDEX=URL: pytorch.org/get-started/locally shows it for CPU."; exit 1; }

# A user without rights, whose home is the app's folder.
RUN useradd --create-home --home-dir /app --uid 1000 visitor
USER 1000
WORKDIR /app
ENV HOME=/app PATH=/app/.local/bin:$PATH
# A volume for visitors' runs gets its owner from here.
RUN mkdir runs

# What changes seldom comes first: libraries, then models, then code.
COPY --chown=visitor pyproject.toml requirements.txt README.md ./
COPY --chown=visitor tools/install.py tools/install.py
COPY --chown=visitor seq2seq/version.py seq2seq/version.py
# The libraries' own tests are 120 MB.
RUN TORCH_INDEX="$TORCH_INDEX" PIP_NO_CACHE_DIR=1 PIP_USER=1 python tools/install.py -r requirements.txt \
    && find "$HOME/.local" -type d -name tests -prune -exec rm -rf {} +
COPY --chown=visitor checkpoints checkpoints
COPY --chown=visitor lexicon lexicon
COPY --chown=visitor .streamlit .streamlit
COPY --chown=visitor app.py ./
COPY --chown=visitor pages pages
COPY --chown=visitor seq2seq seq2seq
RUN python -m compileall -q app.py pages seq2seq

# Names that the app answers to; docs/deploying.md.
ENV STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_ALLOWED_HOSTS="localhost 127.0.0.1" \
    OMP_NUM_THREADS=1 MALLOC_ARENA_MAX=1
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "app.py"]
