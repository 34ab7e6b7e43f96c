//! Prints `src/vector/avx512/wide_table.rs`, the generator's multiples for windows of seven bits.

use keyward_ecgfp5::{Point, PointTable};

fn main() {
    println!(
        "//! The generator's multiples in windows of seven bits. Printed by `examples/wide_table.rs`; a test computes them"
    );
    println!("//! again.\n");
    println!("use super::wide::Table;\n");
    println!("#[rustfmt::skip]\npub(super) static WIDE_TABLE: Table = Table([");
    let mut base = Point::GENERATOR;
    for _ in 0..46 {
        let mut multiple = Point::NEUTRAL;
        let entries: Vec<[u64; 10]> = (0..64)
            .map(|_| {
                multiple = multiple + base;
                // A table's first entry is the point itself.
                PointTable::all_multiples(&multiple).rows()[0][0]
            })
            .collect();
        println!("[");
        for word in 0..10 {
            let words: Vec<String> = entries.iter().map(|entry| format!("{:#x}", entry[word])).collect();
            println!("[{}],", words.join(","));
        }
        println!("],");
        base = multiple.double();
    }
    println!("]);");
}
