"""An S3 server of one's own on a free port: moto's, in a process of its own, with what it is given in memory."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import uuid

import requests

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "tester", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-central-1"}
STARTED_WITHIN_S = 30


class ObjectStore:
    """The server, for the time of a `with`."""

    def __enter__(self) -> ObjectStore:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        arguments = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        self.process = subprocess.Popen(
            arguments, env={**os.environ, **CREDENTIALS}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + STARTED_WITHIN_S
        while True:
            try:
                requests.get(self.endpoint, timeout=1)
                return self
            except requests.ConnectionError:
                assert self.process.poll() is None and time.monotonic() < deadline, "moto did not start"
                time.sleep(0.05)

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def environment(self) -> dict[str, str]:
        """What a server is told that uses a new bucket of this store."""
        bucket = f"b-{uuid.uuid4().hex[:12]}"
        requests.put(f"{self.endpoint}/{bucket}", timeout=10, data=LOCATION).raise_for_status()
        return {
            **CREDENTIALS,
            "PLUGPOINT__IMPORTS__BUCKET": f"s3://{bucket}/plugpoint/documents",
            "PLUGPOINT__IMPORTS__BUCKET_ENDPOINT": self.endpoint,
        }

    def names(self, environment: dict[str, str]) -> list[str]:
        """The names of all objects of such a bucket, without what they have in common."""
        bucket, prefix = environment["PLUGPOINT__IMPORTS__BUCKET"].removeprefix("s3://").split("/", 1)
        names, after = [], ""
        while True:
            answer = requests.get(f"{self.endpoint}/{bucket}", params={"list-type": "2", "start-after": after}, timeout=10)
            answer.raise_for_status()
            found = [part.split("</Key>")[0] for part in answer.text.split("<Key>")[1:]]
            if not found:
                return [name.removeprefix(f"{prefix}/") for name in names]
            names, after = names + found, found[-1]


LOCATION = (
    '<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>"
)
