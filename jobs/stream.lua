-- Long answers as streams: a gap of twenty seconds is seen, however long the whole may take.
return {
  input = "data/documents.jsonl",
  model = "gpt-4.1",
  stream = true,
  timeouts = { idle = 20, total = 900 },
  defaults = { max_tokens = 4000 },

  prompt = function(item) return "Write an essay about this.\n\n" .. item.text end,

  parse = function(reply, item, ctx)
    return { id = ctx.id, essay = reply.text, first_token_s = reply.first_token_s }
  end,

  finish = function(stats)
    if stats.first_token.p50 then
      print(("first token after %.2f s, 95 %% of them within %.2f s"):format(stats.first_token.p50, stats.first_token.p95))
    end
  end,
}
