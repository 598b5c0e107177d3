#!/usr/bin/env python3
"""Many people who look at one run for a while, and what they got: viewers.py http://127.0.0.1:8080 RUN [VIEWERS] [SECONDS]"""
import asyncio
import json
import statistics
import sys
import time
import urllib.parse


async def request(host, port, path):
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    return reader, writer


async def viewer(host, port, run, end, counts):
    try:
        reader, writer = await request(host, port, f"/run/events?run={urllib.parse.quote(run, safe='')}")
        counts["open"] += 1
        name = ""
        while (left := end - time.monotonic()) > 0:
            line = await asyncio.wait_for(reader.readline(), left)
            if not line:
                counts["lost"] += 1
                break
            counts["bytes"] += len(line)
            text = line.decode(errors="replace").strip()
            if text.startswith("event: "):
                name = text[7:]
                counts["events"] += 1
            elif text.startswith("data: ") and name == "standing":
                counts["step"] = max(counts["step"], json.loads(text[6:])["step"])
        writer.close()
    except TimeoutError:
        writer.close()
    except OSError:
        counts["refused"] += 1


async def prober(host, port, path, end, seconds):
    while time.monotonic() < end:
        start = time.monotonic()
        reader, writer = await request(host, port, path)
        await reader.read()
        writer.close()
        seconds.append(time.monotonic() - start)
        await asyncio.sleep(0.25)


async def main():
    address = urllib.parse.urlparse(sys.argv[1])
    run = sys.argv[2]
    viewers = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    duration = float(sys.argv[4]) if len(sys.argv) > 4 else 60
    end = time.monotonic() + duration
    counts = dict(open=0, lost=0, refused=0, events=0, bytes=0, step=0)
    seconds = []
    host, port = address.hostname, address.port or 80
    page = f"/run?run={urllib.parse.quote(run, safe='')}"
    await asyncio.gather(
        prober(host, port, page, end, seconds), *(viewer(host, port, run, end, counts) for _ in range(viewers)))
    seconds.sort()
    print(f"{viewers} viewers for {duration:.0f} s: {counts['open']} streams open, {counts['lost']} lost, "
          f"{counts['refused']} refused, {counts['events']} events ({counts['bytes'] / 1e6:.1f} MB)")
    print(f"the run's page beside them, {len(seconds)} times: median {statistics.median(seconds) * 1e3:.0f} ms, "
          f"95 % within {seconds[int(len(seconds) * 0.95)] * 1e3:.0f} ms, the slowest {seconds[-1] * 1e3:.0f} ms")
    print(f"the run reached step {counts['step']}")


asyncio.run(main())
