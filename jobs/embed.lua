-- Vectors of sentences, 64 in one request.
return {
  input = "data/sentences.txt",
  model = "text-embedding-3-small",
  api = "embeddings",
  pack = 64,

  prompt = function(items)
    local texts = {}
    for i, item in ipairs(items) do texts[i] = item.text end
    return texts
  end,

  parse = function(reply, items, ctx)
    local rows = {}
    for i, vector in ipairs(reply.embeddings) do rows[i] = { id = ctx.id[i], text = items[i].text, embedding = vector } end
    return rows
  end,
}
