-- A producer and 25 workers over many numbers. What Python needs queues, workers and a writer for is `concurrency`.
return {
  input = "data/numbers.txt",
  model = "gpt-4.1",
  concurrency = 25,

  prompt = function(item) return "Write the number " .. item.text .. " as a word." end,

  parse = function(reply, item) return { input = item.text, output = reply.text, model = reply.model } end,
}
