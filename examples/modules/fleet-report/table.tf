# The tables are text: the head, and rows whose columns are as wide as their
# longest field.
locals {
  delegate_rows = concat(
    [["DELEGATE", "RUNS", "SUPPORT", "UPGRADES ITSELF"]],
    [
      for id, d in local.delegates : [
        d.name,
        length(d.versions) == 0 ? "nothing" : join(", ", d.versions),
        d.support == "unknown" ? "unknown" :
        d.support == "end_of_life" ? "no fixes since ${formatdate("YYYY-MM-DD", d.end_of_life)}" :
        d.support == "end_of_support" ? "ended ${formatdate("YYYY-MM-DD", d.end_of_support)}" :
        d.loses_support ? "ends ${formatdate("YYYY-MM-DD", d.end_of_support)}" :
        "until ${formatdate("YYYY-MM-DD", d.end_of_support)}",
        d.upgrades_itself,
      ]
    ],
  )

  # Delegates by where they are and what they are told.
  together = {
    for id, d in local.delegates :
    jsonencode([coalesce(d.project, "outside projects"), coalesce(d.image, "could not be seen")]) => d...
  }
  image_rows = concat(
    [["PROJECT", "IMAGE", "DELEGATES", "RUNNING NOW"]],
    [
      for key, group in local.together : concat(jsondecode(key), [
        tostring(length(group)),
        length(flatten(group[*].versions)) == 0 ? "nothing" : join(", ", sort(distinct(flatten(group[*].versions)))),
      ])
    ],
  )

  # The columns but for the last, which needs no padding.
  widths = [
    for rows in [local.delegate_rows, local.image_rows] : [
      for column in [0, 1, 2] : max([for row in rows : length(row[column])]...)
    ]
  ]
  formats = [for w in local.widths : "%-${w[0]}s  %-${w[1]}s  %-${w[2]}s  %s"]
  tables = [
    join("\n", [for row in local.delegate_rows : format(local.formats[0], row...)]),
    join("\n", [for row in local.image_rows : format(local.formats[1], row...)]),
  ]

  summary = "${length(local.delegates)} delegates on ${formatdate("D MMMM YYYY", local.now)}. Losing support within ${var.days} days: ${length(local.losing_support)}. Without an upgrader: ${length(local.not_upgrading)}."

  table = join("\n", concat(
    [local.summary, "", local.tables[0], "", local.tables[1]],
    [for reason in data.harnessdelegate_delegates.fleet.unseen : "\nNot seen: ${reason}"],
    [""],
  ))
}
