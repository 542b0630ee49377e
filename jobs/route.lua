-- Hard questions to the strong model, easy ones to the cheap one; the end says what that saved.
local route = require "hooks.route"

return {
  input = "data/questions.jsonl",
  models = {
    flash = { name = "gemini-2.5-flash", price = { input = 0.3, output = 2.5 } },
    sonnet = { name = "claude-sonnet-4.5", price = { input = 3, output = 15 } },
  },
  model = "flash",
  concurrency = 20,
  use = { route { cheap = "flash", strong = "sonnet", hard = function(item) return #item.question > 100 end } },

  prompt = function(item) return item.question end,

  parse = function(reply, item, ctx) return { id = ctx.id, answer = reply.text, model = reply.model, cost_usd = reply.cost_usd } end,
}
