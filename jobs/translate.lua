-- Translates the lines of a text file:
--
--   jobrun jobs/translate.lua
--   jobrun jobs/translate.lua --param to=German --mock
--
-- No endpoint is named: the environment decides (OPENAI_BASE_URL, or the first provider whose key is set).

local glossary = require "hooks.glossary"          -- jobs/hooks/glossary.lua

return {
  input       = "data/sentences.txt",              -- jobs/data/sentences.txt
  model       = "gpt-4.1",
  defaults    = { temperature = 0.7 },
  concurrency = 10,
  timeouts    = { total = 60 },
  params      = { to = "French" },
  use         = { glossary { GPU = "GPU" } },

  prompt = function(item, ctx)
    return {
      { role = "system", content = "Translate into " .. ctx.params.to .. ". Answer with the translation only." },
      { role = "user", content = item.text },
    }
  end,

  parse = function(reply, item, ctx)
    return { id = ctx.id, text = item.text, translation = reply.text }
  end,
}
