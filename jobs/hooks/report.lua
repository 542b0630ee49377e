--- Writes a summary in Markdown beside the output: a hook library.
--
--   use = { report {} }                      -- report.md
--   use = { report { file = "run.md", title = "Translations" } }

local function row(name, value) return ("| %s | %s |"):format(name, value) end

return function(options)
  return {
    finish = function(stats, run)
      local lines = {
        "# " .. (options.title or "Run"), "", "| | |", "|---|---|",
        row("items", ("%d ok, %d failed, %d skipped"):format(stats.items.ok, stats.items.failed, stats.items.skipped)),
        row("from the journal", stats.items.reused), row("requests", stats.requests), row("retries", stats.retries),
        row("tokens", ("%d in, %d out"):format(stats.tokens.input, stats.tokens.output)),
        row("seconds", ("%.1f"):format(stats.elapsed_s)),
      }
      if stats.cost_usd then lines[#lines + 1] = row("US dollars", ("%.4f"):format(stats.cost_usd)) end
      if stats.latency.p50 then
        lines[#lines + 1] = row("latency", ("p50 %.2f s, p95 %.2f s"):format(stats.latency.p50, stats.latency.p95))
      end
      for name, model in jobrun.sorted(stats.models) do
        lines[#lines + 1] = row("model " .. name, ("%d requests, %d tokens out"):format(model.requests, model.tokens.output))
      end
      if run.output then lines[#lines + 1] = row("output", "`" .. run.output:match("[^/]*$") .. "`") end
      return { [options.file or "report.md"] = table.concat(lines, "\n") .. "\n" }
    end,
  }
end
