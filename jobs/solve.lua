-- Solves word problems and keeps the number of the answer:
--
--   jobrun jobs/solve.lua
--   jobrun jobs/solve.lua --input gsm8k-test.jsonl
--
-- An item is an object with a `question`.

--- The number behind the last "####", else the last number of the text; nil where there is none.
local function answer(text)
  local number = "%-?%d[%d,]*%.?%d*"
  local found = text:match(".*####%s*%$?(" .. number .. ")")
  if not found then
    for candidate in text:gmatch(number) do found = candidate end
  end
  local value = found and tonumber((found:gsub(",", ""):gsub("%.$", "")))
  if value and math.abs(value) < math.huge then return value end   -- JSON has no infinity
end

return {
  input    = "data/questions.jsonl",
  output   = { columns = { "id", "answer" } },      -- out/solve.jsonl, these keys first
  model    = "gpt-4.1",
  defaults = { temperature = 0 },

  prompt = function(item)
    return "Solve this step by step. End with a line `#### N`, where N is the answer as a bare number.\n\n" .. item.question
  end,

  parse = function(reply, item, ctx)
    return { id = ctx.id, question = item.question, answer = answer(reply.text), reasoning = reply.text }
  end,
}
