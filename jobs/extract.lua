-- Facts out of documents, in a form that the provider keeps: the answer satisfies `schema`.
return {
  input = "data/documents.jsonl",
  model = "gpt-4.1",
  schema = {
    type = "object",
    properties = { place = { type = "string" }, age_years = { type = "integer", minimum = 0 } },
    required = { "place", "age_years" },
    additionalProperties = false,
  },

  prompt = function(item) return "Which place is this about, and how old is it?\n\n" .. item.text end,

  parse = function(reply, item, ctx)
    return { id = ctx.id, place = reply.json.place, age_years = reply.json.age_years }
  end,
}
