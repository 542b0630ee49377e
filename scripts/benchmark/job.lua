-- The benchmark's job: both hooks, one request and one row per item.
return {
  model = "gpt-4.1",

  prompt = function(item)
    return {
      { role = "system", content = "Translate into French. Answer with the translation only." },
      { role = "user", content = item.text },
    }
  end,

  parse = function(reply, item, ctx)
    return { id = ctx.id, text = item.text, translation = reply.text }
  end,
}
