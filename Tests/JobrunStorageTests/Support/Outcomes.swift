import JobrunModel

/// The outcome of item `index` with these rows.
func ok(_ index: Int, _ rows: String...) -> ItemOutcome {
  outcome(index, .ok(rows: rows.map { Array($0.utf8) }))
}

func failed(_ index: Int) -> ItemOutcome { outcome(index, .failed(ItemFailure(.timeout, message: "late"))) }

func outcome(_ index: Int, _ result: ItemResult) -> ItemOutcome {
  ItemOutcome(
    id: .integer(index), record: ItemRecord(content: .text(Array("t\(index)".utf8)), index: index, line: index),
    result: result)
}

/// The line that `failed(index)` becomes.
func failedLine(_ index: Int) -> String {
  #"{"id":\#(index),"index":\#(index),"item":{"text":"t\#(index)"},"error":{"class":"timeout","status":0,"#
    + #""message":"late","attempts":0,"dispatched":"no"}}"# + "\n"
}
