//! Tables that other programs exported as CSV: any common encoding and separator.

mod text;

use crate::error::{Error, ErrorKind};
use text::{decode, place};

/// What separates the cells of a row.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A table that was read.
#[derive(Debug)]
pub(crate) struct Table {
    /// What it is, for messages: `directory`, say.
    what: &'static str,
    headers: Vec<String>,
    /// The line of the headers.
    header_line: u64,
    rows: Vec<Row>,
}

/// A row with the line on which it begins.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) line: u64,
    cells: csv::StringRecord,
}

/// The place of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column(usize);

impl Table {
    /// Reads a table with a header. Rows without any text are left out.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with the line if it is in an unknown encoding, a quote is not
    /// closed, a row has another number of cells, or there is no row.
    pub(crate) fn read(bytes: &[u8], what: &'static str) -> Result<Self, Error> {
        let refuse =
            |problem: String| Error::new(ErrorKind::InvalidInput, format!("the {what} {problem}"));
        let text = decode(bytes, what)?;
        // The mark of an end of file that old programs write.
        let text = text.trim_end_matches('\u{1a}');
        let (hint, body, skipped) = hint(text);
        let separator = hint.unwrap_or_else(|| separator(body));
        check_quotes(body, separator, skipped).map_err(refuse)?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(body.as_bytes());
        let mut table = Self {
            what,
            headers: Vec::new(),
            header_line: 0,
            rows: Vec::new(),
        };
        for record in reader.records() {
            let cells = record.map_err(|error| refuse(format!("cannot be read: {error}")))?;
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let line = line_of(body, &cells).saturating_add(skipped);
            if table.headers.is_empty() {
                table.header_line = line;
                table.headers = cells.iter().map(|cell| cell.trim().to_owned()).collect();
                continue;
            }
            let (expected, found) = (table.headers.len(), cells.len());
            let has_more = cells
                .iter()
                .skip(expected)
                .any(|cell| !cell.trim().is_empty());
            if found < expected || has_more {
                let problem = format!(
                    "has {found} cells on line {line}, and {expected} in its header; quote cells that contain a separator, and write empty ones too"
                );
                return Err(refuse(problem));
            }
            table.rows.push(Row { line, cells });
        }
        if table.rows.is_empty() {
            let problem = if table.headers.is_empty() {
                "is empty"
            } else {
                "has a header and no row"
            };
            return Err(refuse(format!("{problem}; export it again")));
        }
        Ok(table)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    /// Finds a column by its header, without regard to case.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if several columns have this header.
    pub(crate) fn find(&self, header: &str) -> Result<Option<Column>, Error> {
        let header = header.trim();
        let is_it = |own: &String| own.to_lowercase() == header.to_lowercase();
        let mut found = (0..).zip(&self.headers).filter(|(_, own)| is_it(own));
        let first = found.next().map(|(at, _)| Column(at));
        if found.next().is_some() {
            let problem = format!("has several columns `{header}`; keep one of them");
            return Err(self.refuse(&problem));
        }
        Ok(first)
    }

    /// Finds a column that must be there.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] with the columns that there are.
    pub(crate) fn require(&self, header: &str) -> Result<Column, Error> {
        self.find(header)?.ok_or_else(|| {
            let problem = format!(
                "has no column `{header}`; its header, on line {}, has {}",
                self.header_line,
                self.columns()
            );
            self.refuse(&problem)
        })
    }

    /// The headers, for a message.
    pub(crate) fn columns(&self) -> String {
        let headers = self.headers.iter().filter(|header| !header.is_empty());
        let headers: Vec<_> = headers.map(|header| format!("`{header}`")).collect();
        headers.join(", ")
    }

    /// The error of one cell: its line, its column and the problem, such as `is empty`.
    pub(crate) fn refuse_cell(&self, row: &Row, column: Column, problem: &str) -> Error {
        let header = self.headers.get(column.0).map_or("", String::as_str);
        self.refuse(&format!(
            "has on line {}, column `{header}`, {problem}",
            row.line
        ))
    }

    pub(crate) fn refuse(&self, problem: &str) -> Error {
        let detail = format!("the {} {problem}", self.what);
        Error::new(ErrorKind::InvalidInput, detail)
    }
}

impl Row {
    /// The trimmed text of a cell.
    pub(crate) fn cell(&self, column: Column) -> &str {
        self.cells.get(column.0).unwrap_or_default().trim()
    }

    /// The same, or none if the cell is empty or there is no such column.
    pub(crate) fn text(&self, column: Option<Column>) -> Option<&str> {
        column
            .map(|column| self.cell(column))
            .filter(|text| !text.is_empty())
    }
}

/// The separator that a first line `sep=;` names, as spreadsheets write it, and the rest.
fn hint(text: &str) -> (Option<u8>, &str, u64) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end().as_bytes() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] if separator.is_ascii() => {
            (Some(*separator), rest, 1)
        }
        // A tab at the end is trimmed.
        b"sep=" | b"SEP=" => (Some(b'\t'), rest, 1),
        _ => (None, text, 0),
    }
}

/// The separator that the header has most of, outside of quotes.
fn separator(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty());
    let mut is_quoted = false;
    let mut counts = [0_usize; SEPARATORS.len()];
    for byte in header.unwrap_or_default().bytes() {
        is_quoted ^= byte == b'"';
        for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
            *count += usize::from(byte == separator && !is_quoted);
        }
    }
    // Of several with as many the first one counts, so they are searched from the last.
    let most = counts
        .iter()
        .zip(SEPARATORS)
        .rev()
        .max_by_key(|(count, _)| **count);
    most.map_or(b',', |(_, separator)| separator)
}

/// The line on which a record begins. Its position is before the empty lines that precede it.
fn line_of(body: &str, cells: &csv::StringRecord) -> u64 {
    let Some(position) = cells.position() else {
        return 0;
    };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = body.as_bytes().get(start..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    let empty = ends.filter(|byte| **byte == b'\n').count();
    position
        .line()
        .saturating_add(u64::try_from(empty).unwrap_or(0))
}

/// Refuses a quote that is never closed: the rest of the file would be one cell.
fn check_quotes(text: &str, separator: u8, skipped: u64) -> Result<(), String> {
    let mut opened = None;
    let mut is_start = true;
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        if opened.is_none() {
            // Elsewhere than at the start of a cell a quote is text.
            opened = (byte == b'"' && is_start).then_some(at);
            is_start = byte == separator || byte == b'\n';
        } else if byte == b'"' && bytes.next_if(|(_, next)| *next == b'"').is_none() {
            opened = None;
            is_start = false;
        }
    }
    let Some(at) = opened else { return Ok(()) };
    let place = place(&text[..at], skipped);
    Err(format!(
        "has a quote that is never closed, from {place}, so it may be cut off"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(table: &Table, header: &str) -> Vec<String> {
        let column = table.require(header).unwrap();
        table
            .rows()
            .map(|row| row.cell(column).to_owned())
            .collect()
    }

    #[test]
    fn every_separator_is_known_by_the_header() {
        for text in [
            "Mail,Name\na@x.example,\"Lee, Ann\"\n",
            "Mail;Name\r\na@x.example;Lee, Ann\r\n",
            "Mail\tName\na@x.example\tLee, Ann\n",
            "Mail|Name\na@x.example|Lee, Ann",
            "sep=;\nMail;Name\na@x.example;Lee, Ann\n",
            "\n\n\"Mail\" , Name\n a@x.example ,\"Lee, \"\"Ann\"\"\",,\n , \n",
            "Mail,Name\na@x.example,6\" Lee\n",
        ] {
            let table = Table::read(text.as_bytes(), "directory").unwrap();
            assert_eq!(cells(&table, "MAIL"), ["a@x.example"], "{text:?}");
            assert!(cells(&table, "name")[0].contains("Lee"), "{text:?}");
        }
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let text = "sep=,\nMail,Note\n\na@x.example,\"two\nlines\"\n,\nb@x.example,\n";
        let table = Table::read(text.as_bytes(), "directory").unwrap();
        let lines: Vec<_> = table.rows().map(|row| row.line).collect();
        assert_eq!(lines, [4, 7]);
    }

    #[test]
    fn what_is_no_table_is_refused_by_place() {
        for (text, expected) in [
            ("", "is empty"),
            ("Mail,Name\n", "no row"),
            (
                "Mail,Name\na@x.example\n",
                "1 cells on line 2, and 2 in its header",
            ),
            ("Mail,Name\na@x.example,Lee,Ann\n", "3 cells on line 2"),
            (
                "Mail,Name\na@x.example,\"Lee\n",
                "never closed, from line 2, character 13",
            ),
        ] {
            let error = Table::read(text.as_bytes(), "directory").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(expected), "{error}");
        }
        let table = Table::read(b"Mail,mail,Name\na,b,c", "directory").unwrap();
        assert!(
            table
                .find("Mail")
                .unwrap_err()
                .to_string()
                .contains("several")
        );
        let missing = table.require("Active").unwrap_err().to_string();
        assert!(missing.contains("`Mail`, `mail`, `Name`"), "{missing}");
    }
}
