extension JobFields {
  static let settingsClassName = "JobrunSettings"

  /// What `run:set` takes: the fields of a job that can change while it runs.
  static var runSettings: [FieldSpec] {
    job.filter { ["concurrency", "limits", "model"].contains($0.name) } + [
      FieldSpec(
        "models", .map(.table(className: "JobrunModelSettings", modelSettings)),
        "Limits and prices of models, by the names that the job gives them."),
      FieldSpec("budget", .table(className: "JobrunBudget", budget), "What the run may use up."),
    ]
  }

  /// What can change of a model.
  static var modelSettings: [FieldSpec] { model.filter { ["limits", "price"].contains($0.name) } }
}
