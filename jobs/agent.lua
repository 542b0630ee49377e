-- An agent: the model calls functions of this file until it has what it needs to answer.
local tools = {}

tools.add = {
  description = "Adds two numbers.",
  parameters = {
    type = "object",
    properties = { a = { type = "number" }, b = { type = "number" } },
    required = { "a", "b" },
  },
  call = function(arguments) return tostring(arguments.a + arguments.b) end,
}

tools.length = {
  description = "How many characters a text has.",
  parameters = { type = "object", properties = { text = { type = "string" } }, required = { "text" } },
  call = function(arguments) return tostring(#arguments.text) end,
}

local declared = {}
for name, tool in jobrun.sorted(tools) do
  declared[#declared + 1] = {
    type = "function",
    ["function"] = { name = name, description = tool.description, parameters = tool.parameters },
  }
end

return {
  input = "data/questions.jsonl",
  model = "gpt-4.1",
  params = { turns = 5 },

  process = function(item, ctx)
    local messages = { { role = "user", content = item.question } }
    for turn = 1, ctx.params.turns do
      local reply = ctx:call { messages = messages, tools = declared }
      if #reply.tool_calls == 0 then return { id = ctx.id, answer = reply.text, turns = turn } end
      messages[#messages + 1] = reply.message
      for _, call in ipairs(reply.tool_calls) do
        local tool = tools[call.name]
        -- What goes wrong is told to the model, which may do better.
        local ok, result = pcall(tool and tool.call or error, tool and call.arguments or "there is no such tool")
        messages[#messages + 1] = { role = "tool", tool_call_id = call.id, content = ok and result or "error: " .. tostring(result) }
      end
    end
    ctx:fail("no answer after " .. ctx.params.turns .. " turns")
  end,
}
