-- Documents to summarize within the limits of an account: no refusal, and none of the quota is left.
local report = require "hooks.report"

return {
  input = "data/documents.jsonl",
  model = "claude-sonnet-4.5",
  concurrency = 15,
  limits = { rpm = 60, tpm = 80000 },
  defaults = { max_tokens = 300 },
  use = { report { title = "Summaries" } },           -- out/report.md

  prompt = function(item)
    return {
      { role = "system", content = "Summarize the document in three sentences." },
      { role = "user", content = item.title .. "\n\n" .. item.text },
    }
  end,

  parse = function(reply, item, ctx) return { id = ctx.id, title = item.title, summary = reply.text } end,
}
