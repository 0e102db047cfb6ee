"""Takes uploads by tus 1.0, in a process of its own: `python -m studio.media.ingest [--host H] [--port P]`.

Extensions: creation, expiration, termination, checksum (sha256). Bytes never pass through the web process. Source:
https://tus.io/protocols/resumable-upload, version 1.0.0.
"""
