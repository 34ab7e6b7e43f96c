//! Reads machine code for what would show a secret and valgrind does not see: divisions in any function, and in vector
//! functions, most of which it cannot run, jumps that are neither ends of counted loops nor ways to a panic, and look-ups by a
//! vector of addresses.

use std::path::Path;
use std::process::Command;

use crate::debian;
use crate::step::{self, Stop};

/// What a vector function works with, and where ours are, whatever they work with.
const REGISTER: &str = "%zmm";
const MODULES: [&str; 2] = ["::vector::avx512::", "::vector::avx2::"];

/// What works on public values only says so in its name.
const PUBLIC: &str = "_vartime";

/// The crates, ours and others', that work on secrets; their functions have these in their names, and so have those of the
/// standard library that were made for their types and closures, as long as the names are whole.
const CRATES: [&str; 8] = [
    "base16ct::",
    "keyward_ecgfp5::",
    "keyward_goldilocks::",
    "keyward_lighter::",
    "keyward_poseidon2::",
    "keyward_schnorr::",
    "keyward_token::",
    "sha2::",
];

/// Checks a program's functions, and tells how many for vectors there are.
pub(crate) fn check(program: &Path) -> Result<usize, Stop> {
    let listing = disassemble(program)?;
    let functions = functions(&listing);
    if let Some(missing) = CRATES.iter().find(|it| functions.iter().all(|function| !function.name.contains(**it))) {
        return Err(Stop::Failed(format!("there is no function of {missing} to read")));
    }
    if let Some(missing) = MODULES.iter().find(|it| functions.iter().all(|function| !function.name.contains(**it))) {
        return Err(Stop::Failed(format!("there is no vector function of {missing} to read")));
    }
    let vector_functions = functions.iter().filter(|function| function.is_vector()).count();
    let complaints: Vec<String> = functions.iter().flat_map(complaints).collect();
    if complaints.is_empty() {
        return Ok(vector_functions);
    }
    complaints.iter().for_each(|complaint| println!("{complaint}"));
    Err(Stop::Failed(format!("the code may show a secret: {}", complaints[0])))
}

/// The check itself is checked: each function of a program that leaks on purpose must be complained of.
pub(crate) fn check_leaks(program: &Path, leaks: &[(&str, &str)]) -> Result<(), Stop> {
    let listing = disassemble(program)?;
    let functions = functions(&listing);
    for (name, complaint) in leaks {
        let function = functions.iter().find(|function| function.name.ends_with(&format!("::{name}")));
        let said = function.map_or(Vec::new(), complaints);
        match said.iter().find(|said| said.contains(complaint)) {
            Some(said) => println!("reported, as it must be: {said}"),
            None => return Err(Stop::Failed(format!("the leak `{name}` was not reported: {said:?}"))),
        }
    }
    Ok(())
}

fn disassemble(program: &Path) -> Result<String, Stop> {
    let is_here = || step::read(Command::new("objdump").arg("--version")).is_ok();
    if !(is_here() || (debian::install(&["binutils"]) && is_here())) {
        return Err(Stop::NotRun("objdump is missing".to_owned()));
    }
    let mut objdump = Command::new("objdump");
    objdump.args(["--disassemble", "--demangle", "--no-show-raw-insn", "--section=.text"]).arg(program);
    step::read(&mut objdump).map_err(Stop::Failed)
}

/// A function of a listing.
#[derive(Debug)]
struct Function<'a> {
    name: &'a str,
    instructions: Vec<Instruction<'a>>,
}

impl Function<'_> {
    /// Whether it may be given secrets.
    fn is_secret(&self) -> bool {
        (self.is_vector() || CRATES.iter().any(|it| self.name.contains(it))) && !self.name.contains(PUBLIC)
    }

    fn is_vector(&self) -> bool {
        MODULES.iter().any(|module| self.name.contains(module))
            || self.instructions.iter().any(|it| it.operands.contains(REGISTER))
    }
}

/// `MNEMONIC OPERAND,OPERAND`, the destination last.
#[derive(Clone, Copy, Debug)]
struct Instruction<'a> {
    address: u64,
    mnemonic: &'a str,
    operands: &'a str,
}

impl<'a> Instruction<'a> {
    /// `  ADDRESS:\tMNEMONIC OPERANDS`, perhaps with a comment.
    fn parse(line: &'a str) -> Option<Self> {
        let (address, text) = line.split_once(":\t")?;
        let text = text.split('#').next()?.trim();
        let (mnemonic, operands) = text.split_once(' ').unwrap_or((text, ""));
        Some(Self { address: u64::from_str_radix(address.trim(), 16).ok()?, mnemonic, operands: operands.trim() })
    }

    fn is_conditional_jump(&self) -> bool {
        self.mnemonic.starts_with("loop") || (self.mnemonic.starts_with('j') && !self.mnemonic.starts_with("jmp"))
    }

    /// Where a direct jump goes to.
    fn target(&self) -> Option<u64> {
        u64::from_str_radix(self.operands.split_whitespace().next()?, 16).ok()
    }

    fn destination(&self) -> &'a str {
        self.operands.rsplit(',').next().unwrap_or("")
    }

    fn writes(&self, counter: &str) -> bool {
        register(self.destination()) == Some(counter) && !only_reads(self.mnemonic)
    }

    /// Whether this puts a constant into a register, and not into a part of it alone.
    fn is_of_constant(&self) -> bool {
        let is = |name| self.mnemonic.strip_prefix(name).is_some_and(is_width);
        let Some((source, destination)) = self.operands.rsplit_once(',') else { return false };
        let is_whole =
            destination.starts_with("%e") || (destination.starts_with("%r") && !destination.ends_with(['w', 'b']));
        is_whole && ((is("mov") && source.starts_with('$')) || (is("xor") && source == destination))
    }

    /// The register that this copies, or adds a constant to, on the way to another.
    fn source(&self) -> Option<&'a str> {
        let (source, _) = self.operands.rsplit_once(',')?;
        match self.mnemonic.strip_prefix("mov").or(self.mnemonic.strip_prefix("lea")) {
            Some(width) if is_width(width) => {}
            _ => return None,
        }
        if self.mnemonic.starts_with("lea") {
            register(source.split_once('(')?.1.strip_suffix(')')?)
        } else {
            register(source)
        }
    }

    /// Whether this adds a constant to a register, or compares it with one.
    fn is_counting(&self) -> bool {
        let is = |names: &[&str]| names.iter().any(|name| self.mnemonic.strip_prefix(name).is_some_and(is_width));
        is(&["inc", "dec"]) || (is(&["add", "sub", "cmp"]) && self.operands.starts_with('$'))
    }
}

/// The letter that may follow a mnemonic.
fn is_width(suffix: &str) -> bool {
    matches!(suffix, "" | "b" | "w" | "l" | "q")
}

/// The functions of a listing.
fn functions(listing: &str) -> Vec<Function<'_>> {
    let mut functions: Vec<Function<'_>> = Vec::new();
    for line in listing.lines() {
        if let Some((_, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
            functions.push(Function { name, instructions: Vec::new() });
        } else if let (Some(function), Some(instruction)) = (functions.last_mut(), Instruction::parse(line)) {
            function.instructions.push(instruction);
        }
    }
    functions
}

fn complaints(function: &Function<'_>) -> Vec<String> {
    if !function.is_secret() {
        return Vec::new();
    }
    let Function { name, instructions } = function;
    let is_vector = function.is_vector();
    let complaint = |(index, instruction): (usize, &Instruction<'_>)| {
        let Instruction { address, mnemonic, operands } = instruction;
        let what = if mnemonic.starts_with("div") || mnemonic.starts_with("idiv") {
            "a division"
        } else if !is_vector {
            return None;
        } else if instruction.is_conditional_jump()
            && !ends_counted_loop(instructions, index)
            && !leads_to_panic(instructions, index)
        {
            "a conditional jump that ends no counted loop"
        } else if mnemonic.contains("gather") || mnemonic.contains("scatter") {
            "addresses from a vector"
        } else if mnemonic.starts_with("jmp") && operands.starts_with('*') {
            "a jump by a table"
        } else {
            return None;
        };
        Some(format!("{name}: {what}: {address:x} {mnemonic} {operands}"))
    };
    instructions.iter().enumerate().filter_map(complaint).collect()
}

/// Whether a jump goes back as long as a counter has not got to some constant.
fn ends_counted_loop(instructions: &[Instruction<'_>], index: usize) -> bool {
    let jump = &instructions[index];
    let Some(start) = jump.target().and_then(|target| instructions[..index].iter().position(|it| it.address == target))
    else {
        return false;
    };
    // A vector that is moved between a comparison and its jump changes no flag.
    let is_condition = |it: &Instruction<'_>| !it.mnemonic.starts_with("vmov");
    let Some(end) = instructions[start..index].iter().rposition(is_condition) else { return false };
    let [body @ .., condition] = &instructions[start..=start + end] else { return false };
    if touches_pages(body, condition) {
        return true;
    }
    let Some(counter) = condition.is_counting().then(|| register(condition.destination())).flatten() else {
        return false;
    };
    is_counter(counter, &instructions[..start], body, !condition.mnemonic.starts_with("cmp"))
}

/// Whether a loop touches a large frame's pages, one after the other: so much of it as the compiler says.
fn touches_pages(body: &[Instruction<'_>], condition: &Instruction<'_>) -> bool {
    let is = |it: &Instruction<'_>, mnemonic, operands| it.mnemonic == mnemonic && it.operands == operands;
    matches!(body, [step, touch] if is(step, "sub", "$0x1000,%rsp") && is(touch, "movq", "$0x0,(%rsp)"))
        && is(condition, "cmp", "%r11,%rsp")
}

/// Whether what a register has at the end of a loop comes, however often the loop was gone through, from adding constants to one
/// that it had before.
fn is_counter<'a>(
    mut counter: &'a str,
    before: &[Instruction<'a>],
    body: &[Instruction<'a>],
    mut is_counted: bool,
) -> bool {
    let mut known = Vec::new();
    // Back from the end to the start, and again from the end, until it is a register that has been followed before.
    while !known.contains(&counter) {
        known.push(counter);
        for it in body.iter().rev() {
            if it.mnemonic.starts_with("call") && !is_kept_by_calls(counter) {
                return false;
            }
            if !it.writes(counter) {
                continue;
            }
            if let Some(source) = it.source() {
                counter = source;
            } else if !it.is_counting() {
                return false;
            }
            is_counted |= !it.mnemonic.starts_with("mov");
        }
    }
    // The registers that hand it round.
    let mut ring = known.iter().skip_while(|it| **it != counter);
    is_counted && ring.all(|register| is_constant(register, before))
}

/// Whether what was put into a register last is a constant.
fn is_constant(register: &str, before: &[Instruction<'_>]) -> bool {
    let is_lost = |it: &Instruction<'_>| it.mnemonic.starts_with("call") && !is_kept_by_calls(register);
    before.iter().rev().find(|it| it.writes(register) || is_lost(it)).is_some_and(Instruction::is_of_constant)
}

/// Whether a function that is called gives a register back as it was.
fn is_kept_by_calls(register: &str) -> bool {
    ["b", "bp", "sp", "12", "13", "14", "15"].contains(&register)
}

/// Whether a jump goes where the function is never left but by what it calls: nobody who gets a result has gone there.
fn leads_to_panic(instructions: &[Instruction<'_>], index: usize) -> bool {
    let target = instructions[index].target();
    let mut way = instructions.iter().skip_while(|it| Some(it.address) != target).peekable();
    way.peek().is_some()
        && way
            .take_while(|it| it.mnemonic != "ud2")
            .all(|it| !it.is_conditional_jump() && !it.mnemonic.starts_with("jmp") && !it.mnemonic.starts_with("ret"))
}

/// Mnemonics whose last operand is no destination.
fn only_reads(mnemonic: &str) -> bool {
    ["cmp", "test", "push"].iter().any(|name| mnemonic.strip_prefix(name).is_some_and(is_width))
}

/// What the halves and quarters of a general register have in common; nothing for memory and other registers.
fn register(operand: &str) -> Option<&str> {
    let name = operand.strip_prefix('%')?;
    if let Some(number) = name.strip_prefix('r').filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit())) {
        return Some(number.trim_end_matches(['d', 'w', 'b']));
    }
    // rax, eax, ax, al, ah; rsi, esi, si, sil.
    let name = name.strip_prefix(['r', 'e']).unwrap_or(name);
    match name.as_bytes() {
        [b'a'..=b'd', b'x' | b'l' | b'h'] => Some(&name[..1]),
        [b's' | b'd' | b'b', b'i' | b'p'] | [b's' | b'd' | b'b', b'i' | b'p', b'l'] => Some(&name[..2]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COUNTED: &str = "
0000000000001000 <keyward_ecgfp5::vector::avx512::table::select>:
    1000:\txor    %r8d,%r8d
    1003:\tmov    %r8,%rax
    1006:\tvpaddq %zmm0,%zmm1,%zmm2
    100c:\tcmp    %al,%cl
    100e:\tadd    $0xa00,%r8
    1015:\tcmp    $0x31c0,%r8
    101c:\tjne    1003 <keyward_ecgfp5::vector::avx512::table::select+0x3>
    1022:\tret
";

    fn complaints_of(listing: &str) -> Vec<String> {
        functions(listing).iter().flat_map(complaints).collect()
    }

    #[test]
    fn the_end_of_a_counted_loop_is_no_leak() {
        assert_eq!(complaints_of(COUNTED), [""; 0]);
    }

    #[test]
    fn a_loop_may_count_by_way_of_another_register() {
        let from = |source: &str| COUNTED.replace("add    $0xa00,%r8", &format!("lea    {source},%r8"));
        // Which is copied from this one at the start.
        assert_eq!(complaints_of(&from("0x1(%rax)")), [""; 0]);
        assert_eq!(complaints_of(&from("0x1(%rax,%rcx,8)")).len(), 1);
        assert_eq!(complaints_of(&from("0x1(%rax)").replace("mov    %r8,%rax", "mov    (%r8),%rax")).len(), 1);
        assert_eq!(complaints_of(&from("0x1(%rax)").replace("mov    %r8,%rax", "xor    %r8,%rax")).len(), 1);
        // Which is used for something else in between, or lost.
        assert_eq!(complaints_of(&COUNTED.replace("cmp    %al,%cl", "mov    (%rcx),%rax")), [""; 0]);
        assert_eq!(complaints_of(&from("0x1(%rax)").replace("cmp    %al,%cl", "mov    (%rcx),%rax")).len(), 1);
        assert_eq!(complaints_of(&from("0x1(%rax)").replace("cmp    %al,%cl", "call   *%rcx")).len(), 1);
    }

    #[test]
    fn a_vector_may_be_moved_between_the_end_of_a_loop_and_its_jump() {
        let moved = COUNTED.replace("    101c:", "    1019:\tvmovdqa 0x20(%rsp),%ymm12\n    101c:");
        assert_eq!(complaints_of(&moved), [""; 0]);
        assert_eq!(complaints_of(&moved.replace("vmovdqa 0x20(%rsp),%ymm12", "vptest %ymm1,%ymm1")).len(), 1);
    }

    #[test]
    fn a_large_frame_is_no_leak() {
        let probes = "    1003:\tsub    $0x1000,%rsp\n    1006:\tmovq   $0x0,(%rsp)\n    100c:\tcmp    %r11,%rsp\n";
        let (start, rest) = COUNTED.split_once("    1003:").expect("its loop");
        let (_, end) = rest.split_once("    101c:").expect("its end");
        let listing = format!("{start}{probes}    101c:{end}    1030:\tvpaddq %zmm0,%zmm1,%zmm2\n");
        assert_eq!(complaints_of(&listing), [""; 0]);
        for (from, to) in [("%r11,%rsp", "%rax,%rsp"), ("$0x1000,%rsp", "%rax,%rsp"), ("$0x0,(%rsp)", "$0x0,(%rax)")] {
            assert_eq!(complaints_of(&listing.replace(from, to)).len(), 1, "{to}");
        }
    }

    #[test]
    fn a_loop_starts_to_count_from_a_constant() {
        let from = |start: &str| complaints_of(&COUNTED.replace("xor    %r8d,%r8d", start)).len();
        assert_eq!(from("mov    $0x5,%r8d"), 0);
        assert_eq!(from("mov    $0x5,%r8d\n    1001:\tcmp    %rcx,%r8"), 0);
        assert_eq!(from("mov    $0x5,%r8d\n    1001:\tcall   *%rcx"), 1);
        assert_eq!(from("mov    $0x5,%r8d\n    1001:\tadd    %rcx,%r8"), 1);
        assert_eq!(from("mov    $0x5,%r8d\n    1001:\tcmove  %rcx,%r8"), 1);
        for other in ["mov    %rcx,%r8", "mov    0x5(%rcx),%r8", "movzbl %cl,%r8d", "xor    %ecx,%r8d", "nop"] {
            assert_eq!(from(other), 1, "{other}");
        }
        for part in ["mov    $0x5,%r8b", "mov    $0x5,%r8w", "xor    %r8b,%r8b"] {
            assert_eq!(from(part), 1, "{part}");
        }
        // Two that take turns.
        let two = COUNTED.replace("mov    %r8,%rax", "mov    %r9,%rax").replace("cmp    %al,%cl", "mov    %r8,%r9");
        let two = two.replace("add    $0xa00,%r8", "lea    0xa00(%rax),%r8");
        assert_eq!(complaints_of(&two).len(), 1);
        let start = "xor    %r8d,%r8d\n    1001:\tmov    $0x5,%r9d";
        assert_eq!(complaints_of(&two.replace("xor    %r8d,%r8d", start)), [""; 0]);
    }

    #[test]
    fn other_jumps_are_leaks() {
        for (from, to) in [
            // Forward.
            ("jne    1003 <", "jne    1022 <"),
            // Not on a constant.
            ("cmp    $0x31c0,%r8", "cmp    %rax,%r8"),
            ("cmp    $0x31c0,%r8", "test   %r8,%r8"),
            ("cmp    $0x31c0,%r8", "kortestb %k0,%k0"),
            // Not on a counter.
            ("cmp    $0x31c0,%r8", "cmp    $0x1,%rcx"),
            ("vpaddq %zmm0,%zmm1,%zmm2", "vmovq  %zmm0,%r8"),
            ("cmp    %al,%cl", "shr    $0x1,%r8d"),
        ] {
            let listing = COUNTED.replace(from, to);
            assert_ne!(listing, COUNTED);
            let complaints = complaints_of(&listing);
            assert!(matches!(&complaints[..], [one] if one.contains("ends no counted loop")), "{to}: {complaints:?}");
        }
    }

    #[test]
    fn a_way_to_a_panic_is_no_leak() {
        let check = |end: &str| {
            let listing =
                COUNTED.replace("mov    %r8,%rax", "ja     1023 <keyward_ecgfp5::vector::avx512::table::select+0x23>");
            complaints_of(&format!("{}{end}", listing.trim_end())).len()
        };
        assert_eq!(check("\n    1023:\tlea    0x8(%rip),%rdi\n    102a:\tcall   *0x10(%rip)\n"), 0);
        assert_eq!(check("\n    1023:\tcall   *0x10(%rip)\n    102a:\tud2\n    102c:\tret\n"), 0);
        assert_eq!(check("\n    1023:\tcall   *0x10(%rip)\n    102a:\tret\n"), 1);
        assert_eq!(check("\n    1023:\tcall   *0x10(%rip)\n    102a:\tjmp    1003 <x>\n"), 1);
        assert_eq!(check("\n    1030:\tcall   *0x10(%rip)\n"), 1);
    }

    #[test]
    fn other_instructions_that_show_their_operands_are_leaks() {
        for (instruction, complaint) in [
            ("vpgatherqq (%rdi,%zmm0,8),%zmm1{%k1}", "addresses from a vector"),
            ("idiv   %rcx", "a division"),
            ("jmp    *%rax", "a jump by a table"),
        ] {
            let complaints = complaints_of(&COUNTED.replace("mov    %r8,%rax", instruction));
            assert!(matches!(&complaints[..], [one] if one.contains(complaint)), "{complaints:?}");
        }
    }

    #[test]
    fn a_division_is_a_leak_in_the_code_of_secrets_only() {
        let division = COUNTED.replace("zmm", "ymm").replace("avx512::", "").replace("xor    %r8d,%r8d", "div    %rcx");
        assert!(matches!(&complaints_of(&division)[..], [one] if one.contains("a division")));
        assert_eq!(complaints_of(&division.replace("keyward_ecgfp5", "std")), [""; 0]);
        let of_closure = "<core::iter::adapters::map::Map<_, keyward_ecgfp5::comb::digits::{closure#0}>>::next";
        assert_eq!(complaints_of(&division.replace("keyward_ecgfp5::vector::table::select", of_closure)).len(), 1);
    }

    #[test]
    fn jumps_are_looked_at_in_vector_functions_that_are_not_for_public_values() {
        let leak = COUNTED.replace("jne    1003 <", "jne    1022 <");
        assert_eq!(complaints_of(&leak).len(), 1);
        // By what it works with or by where it is.
        assert_eq!(complaints_of(&leak.replace("zmm", "xmm")).len(), 1);
        assert_eq!(complaints_of(&leak.replace("avx512::", "")).len(), 1);
        assert_eq!(complaints_of(&leak.replace("zmm", "xmm").replace("avx512::", "")), [""; 0]);
        assert_eq!(complaints_of(&leak.replace("select", "select_vartime")), [""; 0]);
    }

    #[test]
    fn all_parts_of_a_register_are_one() {
        for (part, whole) in
            [("%r8d", "8"), ("%r15", "15"), ("%eax", "a"), ("%cl", "c"), ("%rsi", "si"), ("%bpl", "bp")]
        {
            assert_eq!(register(part), Some(whole));
        }
        for other in ["(%rax)", "%zmm1", "%xmm0", "%k1", "$0x1", ""] {
            assert_eq!(register(other), None, "{other}");
        }
    }
}
