-- wrk with hooks that do for a request what the others do, but no JSON and no storage.
local headers = { ["Content-Type"] = "application/json", ["Authorization"] = "Bearer sk-bench" }
local body = '{"messages":[{"content":"Translate into French. Answer with the translation only.","role":"system"},'
  .. '{"content":"Sentence number %d, to be translated as it stands.","role":"user"}],"model":"gpt-4.1"}'
local count = 0

function request()
  count = count + 1
  return wrk.format("POST", nil, headers, body:format(count))
end

function response(status, _, reply)
  assert(status == 200 and reply:match('"content":"(.-)"'), "no completion")
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(("wrk: %d requests, %d failed"):format(summary.requests, failed))
end
