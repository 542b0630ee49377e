"""The usual client: asyncio and aiohttp, a semaphore, one task per row.

    aiohttp_client.py URL INPUT OUTPUT CONCURRENCY
"""

import asyncio
import json
import os
import sys

import aiohttp


async def complete(session, semaphore, url, row):
    payload = {
        "model": "gpt-4.1",
        "messages": [
            {"role": "system", "content": "Translate into French. Answer with the translation only."},
            {"role": "user", "content": row["text"]},
        ],
    }
    async with semaphore:
        async with session.post(url, json=payload) as response:
            response.raise_for_status()
            body = await response.json()
    return {"id": row["id"], "text": row["text"], "translation": body["choices"][0]["message"]["content"]}


async def main():
    url, source, target, concurrency = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    with open(source) as file:
        rows = [json.loads(line) for line in file]
    semaphore = asyncio.Semaphore(concurrency)
    headers = {"Authorization": "Bearer " + os.environ["OPENAI_API_KEY"]}
    connector = aiohttp.TCPConnector(limit=concurrency)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        tasks = [complete(session, semaphore, url + "/chat/completions", row) for row in rows]
        results = await asyncio.gather(*tasks)
    with open(target, "w") as file:
        for result in results:
            file.write(json.dumps(result) + "\n")


asyncio.run(main())
