//! The README tells the truth.

use cloudally_gen::operations;

#[test]
fn every_operation_has_its_row() {
    let readme = include_str!("../../README.md");
    for operation in operations::ALL {
        let row = format!(
            "| `{}` | `{} {}` |",
            operation.id, operation.method, operation.path
        );
        assert!(readme.contains(&row), "the README lacks {row}");
    }
    let rows = readme
        .lines()
        .filter(|line| line.contains("` | `client."))
        .count();
    assert_eq!(rows, operations::ALL.len());
}
