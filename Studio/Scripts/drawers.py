#!/usr/bin/env python3
"""Several people who draw from one run at once, and what they got: drawers.py http://127.0.0.1:8080 RUN [PEOPLE] [SECONDS]"""
import asyncio
import json
import statistics
import sys
import time
import urllib.parse


async def drawing(host, port, query, got):
    start = time.monotonic()
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 24)
    writer.write(f"GET /sample/events?{query} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
    await writer.drain()
    name = ""
    frames = 0
    while line := await reader.readline():
        text = line.decode(errors="replace").strip()
        if text.startswith("event: "):
            name = text[7:]
        elif text.startswith("data: ") and name == "frame":
            news = json.loads(text[6:])
            if frames == 0:
                got["first"].append(time.monotonic() - start)
            elif news["step"] > 0:
                got["together"].append(news.get("together", 1))
            frames += 1
        elif text.startswith("data: ") and name == "refused":
            sys.exit(json.loads(text[6:])["error"])
    writer.close()
    got["whole"].append(time.monotonic() - start)
    got["frames"] += frames


async def person(host, port, run, number, end, got):
    seed = number * 1000
    while time.monotonic() < end:
        seed += 1
        query = urllib.parse.urlencode(dict(run=run, page=f"person-{number}", count=8, steps=20, guidance=3, seed=seed))
        await drawing(host, port, query, got)


async def main():
    address = urllib.parse.urlparse(sys.argv[1])
    run = sys.argv[2]
    people = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    duration = float(sys.argv[4]) if len(sys.argv) > 4 else 20
    got = dict(first=[], whole=[], together=[], frames=0)
    start = time.monotonic()
    end = start + duration
    await asyncio.gather(*(person(address.hostname, address.port or 80, run, n, end, got) for n in range(people)))
    took = time.monotonic() - start
    print(f"{people} people: {len(got['whole']) / took:.2f} drawings a second, {got['frames'] / took:.1f} pictures a second, "
          f"first picture after {statistics.median(got['first']) * 1e3:.0f} ms, all after {statistics.median(got['whole']):.2f} s "
          f"(medians), {statistics.mean(got['together'] or [1]):.1f} drawings computed together")


asyncio.run(main())
