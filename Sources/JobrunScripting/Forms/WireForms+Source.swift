extension WireForms {
  /// The forms in Lua, in which requests and replies are tables anyway. It gets the module `jobrun`, and returns the
  /// functions by their names.
  ///
  /// Only what a form cannot have is changed: a request that is in its form already goes through as it is.
  static let source = #"""
    local jobrun = ...
    local decode, array = jobrun.json.decode, jobrun.array

    local function copy(table)
      local result = {}
      for key, value in pairs(table) do result[key] = value end
      return result
    end

    local function move(request, from, to)
      if request[from] ~= nil and request[to] == nil then request[to] = request[from] end
      request[from] = nil
    end

    -- Content as text: a string, or the texts of its parts.
    local function text(content)
      if type(content) ~= "table" then return tostring(content or "") end
      local texts = {}
      for i, part in ipairs(content) do texts[i] = type(part) == "table" and part.text or tostring(part) end
      return table.concat(texts)
    end

    local function map(content, change)
      if type(content) ~= "table" then return content end
      local parts = {}
      for i, part in ipairs(content) do parts[i] = type(part) == "table" and change(part) or part end
      return parts
    end

    local function isNull(value) return value == nil or value == jobrun.null end

    local request = {}

    function request.responses(original)
      local result = copy(original)
      move(result, "max_completion_tokens", "max_output_tokens")
      move(result, "max_tokens", "max_output_tokens")
      local format = result.response_format
      if format and result.text == nil then
        local schema = format.json_schema
        if schema then format = { type = "json_schema", name = schema.name, schema = schema.schema, strict = schema.strict } end
        result.text = { format = format }
        result.response_format = nil
      end
      local messages = result.messages
      if type(messages) ~= "table" or result.input ~= nil then return result end
      local input = {}
      for _, message in ipairs(messages) do
        if type(message.output) == "table" then
          -- What `reply.message` gave: its items, thoughts among them.
          for _, item in ipairs(message.output) do input[#input + 1] = item end
        elseif message.role == "tool" then
          input[#input + 1] = { type = "function_call_output", call_id = message.tool_call_id, output = text(message.content) }
        else
          local word = message.role == "assistant" and "output_text" or "input_text"
          if not isNull(message.content) and message.content ~= "" then
            local content = map(message.content, function(part)
              if part.type == "text" then return { type = word, text = part.text } end
              if part.type == "image_url" then
                local image = type(part.image_url) == "table" and part.image_url or { url = part.image_url }
                return { type = "input_image", image_url = image.url, detail = image.detail }
              end
              if part.type == "file" and type(part.file) == "table" then
                local file = copy(part.file)
                file.type = "input_file"
                return file
              end
              return part
            end)
            input[#input + 1] = { role = message.role, content = content }
          end
          for _, call in ipairs(message.tool_calls or {}) do
            input[#input + 1] = { type = "function_call", call_id = call.id, name = call["function"].name,
              arguments = call["function"].arguments }
          end
        end
      end
      result.messages, result.input = nil, array(input)
      return result
    end

    local function block(part)
      if part.type ~= "image_url" then return part end
      local url = type(part.image_url) == "table" and part.image_url.url or part.image_url
      local media, data = tostring(url):match("^data:([^;,]*);base64,(.*)$")
      if data then return { type = "image", source = { type = "base64", media_type = media, data = data } } end
      return { type = "image", source = { type = "url", url = url } }
    end

    local function blocks(content)
      if type(content) == "table" then return map(content, block) end
      return { { type = "text", text = content } }
    end

    -- The messages API wants a limit. Jobs that need more say so.
    local MOST_TOKENS = 4096

    function request.messages(original)
      local result = copy(original)
      move(result, "max_completion_tokens", "max_tokens")
      if result.max_tokens == nil then result.max_tokens = MOST_TOKENS end
      if result.stop ~= nil then
        result.stop_sequences = result.stop_sequences or (type(result.stop) == "table" and result.stop or { result.stop })
        result.stop = nil
      end
      local format = result.response_format
      if format then
        if format.json_schema and result.output_config == nil then
          result.output_config = { format = { type = "json_schema", schema = format.json_schema.schema } }
        end
        result.response_format = nil
      end
      if type(result.messages) ~= "table" then return result end
      local system, messages = {}, {}
      for _, message in ipairs(result.messages) do
        local last = messages[#messages]
        if message.role == "system" or message.role == "developer" then
          system[#system + 1] = text(message.content)
        elseif message.role == "tool" then
          local answer = { type = "tool_result", tool_use_id = message.tool_call_id, content = map(message.content, block) }
          if last and last.answers then
            last.message.content[#last.message.content + 1] = answer
          else
            messages[#messages + 1] = { message = { role = "user", content = { answer } }, answers = true }
          end
        elseif message.tool_calls then
          local content = not isNull(message.content) and message.content ~= "" and blocks(message.content) or {}
          for _, call in ipairs(message.tool_calls) do
            content[#content + 1] = { type = "tool_use", id = call.id, name = call["function"].name,
              input = jobrun.object(decode(call["function"].arguments)) }
          end
          messages[#messages + 1] = { message = { role = "assistant", content = content } }
        elseif type(message.content) == "table" then
          local changed = copy(message)
          changed.content = map(message.content, block)
          messages[#messages + 1] = { message = changed }
        else
          messages[#messages + 1] = { message = message }
        end
      end
      for i, entry in ipairs(messages) do messages[i] = entry.message end
      if #system > 0 then
        if type(result.system) == "string" then table.insert(system, 1, result.system) end
        if type(result.system) ~= "table" then result.system = table.concat(system, "\n\n") end
      end
      result.messages = array(messages)
      return result
    end

    function request.embeddings(original)
      local result = copy(original)
      if result.response_format ~= nil then error("embeddings have no `schema` and no `response_format`", 0) end
      local messages = result.messages
      if messages == nil then return result end
      local input = {}
      for i, message in ipairs(messages) do
        input[i] = type(message) == "table" and message.role == "user" and message.content or message
        if type(input[i]) ~= "string" then
          error("embeddings take a text, or a list of texts; item " .. i .. " of the list is none", 0)
        end
        if input[i] == "" then error("text " .. i .. " to embed is empty (a misspelt field of the item?)", 0) end
      end
      if #messages == 1 and type(messages[1]) == "table" then input = input[1] end
      result.messages, result.input = nil, input
      return result
    end

    local message, calls = {}, {}

    function message.responses(raw)
      local texts = {}
      for _, item in ipairs(raw.output or {}) do
        if item.type == "message" then texts[#texts + 1] = text(item.content) end
      end
      return { role = "assistant", content = table.concat(texts), output = raw.output }
    end

    function message.messages(raw) return { role = "assistant", content = raw.content } end

    local function arguments(text)
      local ok, value = pcall(decode, text)
      return ok and value or text
    end

    function calls.responses(raw)
      local result = array {}
      for _, item in ipairs(raw.output or {}) do
        if item.type == "function_call" then
          result[#result + 1] = { id = item.call_id, name = item.name, arguments = arguments(item.arguments) }
        end
      end
      return result
    end

    function calls.messages(raw)
      local result = array {}
      for _, part in ipairs(raw.content or {}) do
        if part.type == "tool_use" then result[#result + 1] = { id = part.id, name = part.name, arguments = part.input } end
      end
      return result
    end

    return { request = request, message = message, calls = calls }
    """#
}
