//! Prints `src/generator_table.rs`, the table of the generator's multiples.

use keyward_ecgfp5::{Point, PointTable};

fn main() {
    println!(
        "//! The generator's multiples, as `PointTable` lays them out. Printed by `examples/generator_table.rs`.\n"
    );
    println!("use crate::table::Row;");
    println!("use crate::windows::COUNT;\n");
    println!("#[rustfmt::skip]\npub(crate) const ROWS: [Row; COUNT] = [");
    for row in PointTable::new(&Point::GENERATOR).rows() {
        println!("[");
        for entry in row {
            let words = entry.map(|word| format!("{word:#x}")).join(",");
            println!("[{words}],");
        }
        println!("],");
    }
    println!("];");
}
