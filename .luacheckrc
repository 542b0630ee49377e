std = "lua54"
max_line_length = 140
read_globals = { "jobrun" }
ignore = { "212" }                    -- a hook need not use all that it is given
exclude_files = { "jobs/types" }      -- written by `jobrun types`

-- wrk's own names.
files["scripts/benchmark/hooks.lua"] = { globals = { "request", "response", "done" }, read_globals = { "wrk" } }
