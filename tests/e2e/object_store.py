"""An S3 server of one's own on a free port: moto's, in a process of its own, with what it is given in memory."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid

import boto3
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
        access, secret, region = CREDENTIALS.values()
        self.client = boto3.client(
            "s3", endpoint_url=self.endpoint, aws_access_key_id=access, aws_secret_access_key=secret, region_name=region
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

    @contextlib.contextmanager
    def silent(self):
        """The server does not answer for the time of a `with`; whoever connects waits."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)

    @contextlib.contextmanager
    def refusing(self, environment: dict[str, str]):
        """A bucket is not there for the time of a `with`: its objects are under other names."""
        bucket, _ = place(environment)
        names = [found["Key"] for found in self.client.list_objects_v2(Bucket=bucket).get("Contents", [])]
        kept = {name: self.client.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}
        for name in names:
            self.client.delete_object(Bucket=bucket, Key=name)
        self.client.delete_bucket(Bucket=bucket)
        try:
            yield
        finally:
            self._create(bucket)
            for name, content in kept.items():
                self.client.put_object(Bucket=bucket, Key=name, Body=content)

    def _create(self, bucket: str) -> None:
        self.client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": CREDENTIALS["AWS_REGION"]})

    def environment(self) -> dict[str, str]:
        """What a server is told that uses a new bucket of this store."""
        bucket = f"b-{uuid.uuid4().hex[:12]}"
        self._create(bucket)
        return {
            **CREDENTIALS,
            "PLUGPOINT__IMPORTS__BUCKET": f"s3://{bucket}/plugpoint/documents",
            "PLUGPOINT__IMPORTS__BUCKET_ENDPOINT": self.endpoint,
        }

    def get(self, environment: dict[str, str], name: str) -> bytes:
        bucket, prefix = place(environment)
        return self.client.get_object(Bucket=bucket, Key=prefix + name)["Body"].read()

    def put(self, environment: dict[str, str], name: str, content: bytes) -> None:
        bucket, prefix = place(environment)
        self.client.put_object(Bucket=bucket, Key=prefix + name, Body=content)

    def names(self, environment: dict[str, str]) -> list[str]:
        """The names of all objects of such a bucket, without what they have in common."""
        bucket, prefix = place(environment)
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [found["Key"].removeprefix(prefix) for page in pages for found in page.get("Contents", [])]


def place(environment: dict[str, str]) -> tuple[str, str]:
    """The bucket, and what the names in it begin with."""
    bucket, prefix = environment["PLUGPOINT__IMPORTS__BUCKET"].removeprefix("s3://").split("/", 1)
    return bucket, f"{prefix}/"
