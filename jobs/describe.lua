-- Pictures of a folder, each described in a sentence.
return {
  input = { glob = "images/*.png" },
  model = "gpt-4.1-mini",

  prompt = function(item)
    local picture = "data:image/png;base64," .. jobrun.base64(jobrun.read_file(item.path))
    return {
      {
        role = "user",
        content = {
          { type = "text", text = "Describe this picture in one sentence." },
          { type = "image_url", image_url = { url = picture } },
        },
      },
    }
  end,

  parse = function(reply, item) return { path = item.path, description = reply.text } end,
}
