"""The official SDKs of OpenAI and Anthropic against `jobrun mock`.

    python Tests/sdk/sdk_test.py .build/debug/jobrun

Says so and succeeds where the SDKs are not installed; `scripts/test` installs them.
"""
import json
import re
import subprocess
import sys
import unittest

try:
    import anthropic
    import openai
    from pydantic import BaseModel
except ImportError as error:
    print(f"skipped: the SDKs are not installed ({error})")
    sys.exit(0)

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else ".build/debug/jobrun"
HI = [{"role": "user", "content": "What is the capital of France?"}]
TEXT = "[mock] What is the capital of France?"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
CHAT_TOOLS = [{"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}]


class Forecast(BaseModel):
    city: str
    days: int


def serve(*options):
    process = subprocess.Popen(
        [PROGRAM, "mock", "--port", "0", "--profile", "fast", *options], stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if match := re.search(r"http://127\.0\.0\.1:\d+", line):
            return process, match.group()
    raise RuntimeError("jobrun mock did not start")


class SDKTest(unittest.TestCase):
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.server, cls.root = serve(*cls.options)
        cls.openai = openai.OpenAI(base_url=cls.root + "/v1", api_key="mock", max_retries=0)
        cls.anthropic = anthropic.Anthropic(base_url=cls.root, api_key="mock", max_retries=0)

    @classmethod
    def tearDownClass(cls):
        cls.openai.close()
        cls.anthropic.close()
        cls.server.terminate()
        cls.server.stderr.close()
        cls.server.wait()

    def check_arguments(self, arguments):
        self.assertEqual(set(arguments), {"city", "days"})
        self.assertIn(arguments["days"], range(1, 8))


class OpenAITest(SDKTest):
    def test_chat(self):
        reply = self.openai.chat.completions.create(model="gpt-4.1", messages=HI)
        self.assertEqual(reply.choices[0].message.content, TEXT)
        self.assertEqual(reply.usage.total_tokens, reply.usage.prompt_tokens + reply.usage.completion_tokens)

    def test_chat_stream(self):
        stream = self.openai.chat.completions.create(
            model="gpt-4.1", messages=HI, stream=True, stream_options={"include_usage": True})
        chunks = list(stream)
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        self.assertEqual(text, TEXT)
        self.assertEqual(chunks[-2].choices[0].finish_reason, "stop")
        self.assertGreater(chunks[-1].usage.completion_tokens, 0)

    def test_chat_tools(self):
        ask = {"model": "gpt-4.1", "tools": CHAT_TOOLS}
        message = self.openai.chat.completions.create(messages=HI, **ask).choices[0].message
        call = message.tool_calls[0]
        self.assertEqual(call.function.name, "get_weather")
        self.check_arguments(json.loads(call.function.arguments))
        result = {"role": "tool", "tool_call_id": call.id, "content": "19 degrees"}
        reply = self.openai.chat.completions.create(messages=[*HI, message, result], **ask)
        self.assertIn("19 degrees", reply.choices[0].message.content)

    def test_chat_tools_stream(self):
        with self.openai.chat.completions.stream(model="gpt-4.1", messages=HI, tools=CHAT_TOOLS) as stream:
            call = stream.get_final_completion().choices[0].message.tool_calls[0]
        self.check_arguments(json.loads(call.function.arguments))

    def test_chat_parse(self):
        reply = self.openai.chat.completions.parse(model="gpt-4.1", messages=HI, response_format=Forecast)
        self.assertIsInstance(reply.choices[0].message.parsed, Forecast)

    def test_responses(self):
        reply = self.openai.responses.create(model="gpt-4.1", input=HI[0]["content"])
        self.assertEqual(reply.output_text, TEXT)
        self.assertEqual(reply.usage.output_tokens_details.reasoning_tokens, 0)

    def test_responses_stream(self):
        with self.openai.responses.stream(model="gpt-4.1", input=HI) as stream:
            events = list(stream)
            self.assertEqual(stream.get_final_response().output_text, TEXT)
        self.assertEqual(events[0].type, "response.created")
        self.assertEqual([e.sequence_number for e in events if hasattr(e, "sequence_number")][:3], [0, 1, 2])

    def test_responses_tools(self):
        tools = [{"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": True}]
        for stream in (False, True):
            if stream:
                with self.openai.responses.stream(model="gpt-4.1", input=HI, tools=tools) as events:
                    reply = events.get_final_response()
            else:
                reply = self.openai.responses.create(model="gpt-4.1", input=HI, tools=tools)
            self.assertEqual(reply.output[0].type, "function_call")
            self.check_arguments(json.loads(reply.output[0].arguments))
        result = {"type": "function_call_output", "call_id": reply.output[0].call_id, "output": "19 degrees"}
        call = {"type": "function_call", "call_id": reply.output[0].call_id, "name": "get_weather", "arguments": "{}"}
        reply = self.openai.responses.create(model="gpt-4.1", input=[*HI, call, result], tools=tools)
        self.assertIn("19 degrees", reply.output_text)

    def test_responses_parse(self):
        reply = self.openai.responses.parse(model="gpt-4.1", input=HI, text_format=Forecast)
        self.assertIsInstance(reply.output_parsed, Forecast)

    def test_embeddings(self):
        ask = {"model": "text-embedding-3-small", "input": ["one", "two"]}
        usual = self.openai.embeddings.create(**ask).data  # asks for base64
        floats = self.openai.embeddings.create(**ask, encoding_format="float").data
        self.assertEqual(len(usual[0].embedding), 1536)
        self.assertEqual([e.embedding for e in usual], [e.embedding for e in floats])
        self.assertAlmostEqual(sum(x * x for x in usual[1].embedding), 1, places=5)
        self.assertNotEqual(usual[0].embedding, usual[1].embedding)
        small = self.openai.embeddings.create(model="m", input=[[1, 2], [3]], dimensions=8)
        self.assertEqual([len(e.embedding) for e in small.data], [8, 8])

    def test_models(self):
        self.assertEqual([m.id for m in self.openai.models.list()], ["mock"])
        self.assertEqual(self.openai.models.retrieve("gpt-4.1").id, "gpt-4.1")

    def test_azure(self):
        with openai.AzureOpenAI(azure_endpoint=self.root, api_key="mock", api_version="2024-10-21") as client:
            reply = client.chat.completions.create(model="deployed", messages=HI)
        self.assertEqual((reply.model, reply.choices[0].message.content), ("deployed", TEXT))

    def test_errors(self):
        with self.assertRaises(openai.BadRequestError) as bad:
            self.openai.chat.completions.create(model="m", messages=[])
        self.assertEqual(bad.exception.param, "messages")
        with self.assertRaises(openai.NotFoundError):
            self.openai.files.list()


class AnthropicTest(SDKTest):
    ask = {"model": "claude-sonnet-4-5", "max_tokens": 100, "messages": HI}
    tools = [{"name": "get_weather", "input_schema": SCHEMA}]

    def test_messages(self):
        reply = self.anthropic.messages.create(**self.ask)
        self.assertEqual((reply.content[0].text, reply.stop_reason), (TEXT, "end_turn"))
        self.assertGreater(reply.usage.input_tokens, 0)

    def test_stream(self):
        with self.anthropic.messages.stream(**self.ask) as stream:
            self.assertEqual("".join(stream.text_stream), TEXT)
            self.assertEqual(stream.get_final_message().stop_reason, "end_turn")

    def test_tools(self):
        reply = self.anthropic.messages.create(**self.ask, tools=self.tools)
        self.assertEqual(reply.stop_reason, "tool_use")
        self.check_arguments(reply.content[0].input)
        result = {"type": "tool_result", "tool_use_id": reply.content[0].id, "content": "19 degrees"}
        messages = [
            *HI, {"role": "assistant", "content": [reply.content[0].model_dump(include={"type", "id", "name", "input"})]},
            {"role": "user", "content": [result]}]
        answer = self.anthropic.messages.create(**{**self.ask, "messages": messages}, tools=self.tools)
        self.assertIn("19 degrees", answer.content[0].text)

    def test_tools_stream(self):
        with self.anthropic.messages.stream(**self.ask, tools=self.tools) as stream:
            self.check_arguments(stream.get_final_message().content[0].input)

    def test_json_schema(self):
        form = {"format": {"type": "json_schema", "schema": SCHEMA}}
        reply = self.anthropic.messages.create(**self.ask, extra_body={"output_config": form})
        self.check_arguments(json.loads(reply.content[0].text))

    def test_count_tokens(self):
        count = self.anthropic.messages.count_tokens(model="claude-sonnet-4-5", messages=HI)
        self.assertGreater(count.input_tokens, 0)

    def test_models(self):
        self.assertEqual([m.id for m in self.anthropic.models.list()], ["mock"])

    def test_errors(self):
        with self.assertRaises(anthropic.BadRequestError) as bad:
            self.anthropic.messages.create(**{**self.ask, "messages": []})
        self.assertIsNotNone(bad.exception.request_id)


class LimitTest(SDKTest):
    options = ("--tpm", "1")

    def test_rate_limits(self):
        with self.assertRaises(openai.RateLimitError):
            self.openai.chat.completions.create(model="m", messages=HI)
        with self.assertRaises(anthropic.RateLimitError) as limited:
            self.anthropic.messages.create(**AnthropicTest.ask)
        self.assertIn("anthropic-ratelimit-tokens-limit", limited.exception.response.headers)


if __name__ == "__main__":
    unittest.main()
