use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use nix::libc::user_regs_struct;

/// What a program's listing says: its functions, and which instructions read or write memory.
pub(crate) struct Listing {
    /// By address, ascending.
    functions: Vec<(u64, String)>,
    operands: HashMap<u64, MemoryOperand>,
}

impl Listing {
    pub(crate) fn of(program: &Path) -> Result<Self, String> {
        let output = Command::new("objdump")
            .args(["--disassemble", "--demangle", "--no-show-raw-insn", "--section=.text"])
            .arg(program)
            .output()
            .map_err(|error| format!("objdump: {error}"))?;
        if !output.status.success() {
            return Err(format!("objdump: {}", output.status));
        }
        Ok(Self::parse(&String::from_utf8_lossy(&output.stdout)))
    }

    fn parse(text: &str) -> Self {
        let mut listing = Self { functions: Vec::new(), operands: HashMap::new() };
        for line in text.lines() {
            if let Some((address, name)) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")) {
                listing.functions.extend(hexadecimal(address).map(|address| (address, name.to_owned())));
            } else if let Some((address, instruction)) = line.split_once(":\t")
                && let (Some(address), Some(operand)) = (hexadecimal(address.trim()), MemoryOperand::parse(instruction))
            {
                listing.operands.insert(address, operand);
            }
        }
        listing
    }

    /// The operand in memory of the instruction at an address, if it has one.
    pub(crate) fn operand(&self, address: u64) -> Option<&MemoryOperand> {
        self.operands.get(&address)
    }

    /// The function that an address is in.
    pub(crate) fn function(&self, address: u64) -> &str {
        let index = self.functions.partition_point(|(start, _)| *start <= address);
        index.checked_sub(1).map_or("?", |index| &self.functions[index].1)
    }
}

/// `DISPLACEMENT(BASE,INDEX,SCALE)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MemoryOperand {
    displacement: u64,
    base: Option<Register>,
    index: Option<Register>,
    scale: u64,
}

impl MemoryOperand {
    /// `MNEMONIC OPERANDS`, perhaps with a comment.
    fn parse(instruction: &str) -> Option<Self> {
        let instruction = instruction.split('#').next()?;
        // These have the form of an access, and are none. They may have prefixes.
        let is_none = |word: &str| ["lea", "nop", "prefetch"].iter().any(|mnemonic| word.starts_with(mnemonic));
        if instruction.split_whitespace().any(is_none) {
            return None;
        }
        let (before, rest) = instruction.split_once('(')?;
        let (inside, _) = rest.split_once(')')?;
        let displacement = before.rsplit([' ', ',', ':', '*']).next()?;
        let mut parts = inside.split(',');
        // Relative to the instruction: always the same.
        let base = parts.next()?;
        let index = parts.next();
        let scale = parts.next().map_or(Some(1), |scale| scale.parse().ok())?;
        let (base, index) = (Register::parse(base), index.and_then(Register::parse));
        (base.is_some() || index.is_some()).then_some(Self { displacement: signed(displacement)?, base, index, scale })
    }

    /// Where it is, given the registers.
    pub(crate) fn address(&self, registers: &user_regs_struct) -> u64 {
        let value = |register: Option<Register>| register.map_or(0, |register| register.value(registers));
        value(self.index).wrapping_mul(self.scale).wrapping_add(value(self.base)).wrapping_add(self.displacement)
    }
}

/// A general register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Register {
    Rax,
    Rbx,
    Rcx,
    Rdx,
    Rsi,
    Rdi,
    Rbp,
    Rsp,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
}

impl Register {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "%rax" => Self::Rax,
            "%rbx" => Self::Rbx,
            "%rcx" => Self::Rcx,
            "%rdx" => Self::Rdx,
            "%rsi" => Self::Rsi,
            "%rdi" => Self::Rdi,
            "%rbp" => Self::Rbp,
            "%rsp" => Self::Rsp,
            "%r8" => Self::R8,
            "%r9" => Self::R9,
            "%r10" => Self::R10,
            "%r11" => Self::R11,
            "%r12" => Self::R12,
            "%r13" => Self::R13,
            "%r14" => Self::R14,
            "%r15" => Self::R15,
            _ => return None,
        })
    }

    fn value(self, registers: &user_regs_struct) -> u64 {
        match self {
            Self::Rax => registers.rax,
            Self::Rbx => registers.rbx,
            Self::Rcx => registers.rcx,
            Self::Rdx => registers.rdx,
            Self::Rsi => registers.rsi,
            Self::Rdi => registers.rdi,
            Self::Rbp => registers.rbp,
            Self::Rsp => registers.rsp,
            Self::R8 => registers.r8,
            Self::R9 => registers.r9,
            Self::R10 => registers.r10,
            Self::R11 => registers.r11,
            Self::R12 => registers.r12,
            Self::R13 => registers.r13,
            Self::R14 => registers.r14,
            Self::R15 => registers.r15,
        }
    }
}

fn hexadecimal(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

/// `0x10`, `-0x10` or nothing.
fn signed(text: &str) -> Option<u64> {
    match text.strip_prefix('-') {
        _ if text.is_empty() => Some(0),
        Some(text) => hexadecimal(text.strip_prefix("0x")?).map(u64::wrapping_neg),
        None => hexadecimal(text.strip_prefix("0x")?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
0000000000001000 <keyward::select>:
    1000:\tvmovdqu64 -0x40(%rdi,%rax,8),%zmm0
    1008:\tlea    0x8(%rsp),%rax
    100c:\tmov    0x5e8cc(%rip),%rax        # c28f8 <_DYNAMIC+0x6a0>
    1010:\tadd    %rax,%rbx
    1013:\tcs nopw 0x0(%rax,%rax,1)

0000000000002000 <keyward::next>:
    2000:\tmov    %fs:0x10(,%rcx,4),%rax
    2008:\tcall   *(%r12)
";

    #[test]
    fn accesses_to_memory_are_found_and_placed() {
        let listing = Listing::parse(TEXT);
        let registers = registers();
        let address = |at| listing.operand(at).map(|operand| operand.address(&registers));
        assert_eq!(address(0x1000), Some(0x10_000 + 8 * 3 - 0x40));
        assert_eq!(address(0x2000), Some(0x10 + 4 * 5));
        assert_eq!(address(0x2008), Some(0x20_000));
        for at in [0x1008, 0x100c, 0x1010, 0x1013] {
            assert_eq!(address(at), None, "{at:x}");
        }
    }

    #[test]
    fn functions_are_found_by_any_address_in_them() {
        let listing = Listing::parse(TEXT);
        assert_eq!(listing.function(0x1008), "keyward::select");
        assert_eq!(listing.function(0x2000), "keyward::next");
        assert_eq!(listing.function(0x10), "?");
    }

    fn registers() -> user_regs_struct {
        user_regs_struct {
            rax: 3,
            rbx: 0,
            rcx: 5,
            rdx: 0,
            rsi: 0,
            rdi: 0x10_000,
            rbp: 0,
            rsp: 0,
            r8: 0,
            r9: 0,
            r10: 0,
            r11: 0,
            r12: 0x20_000,
            r13: 0,
            r14: 0,
            r15: 0,
            orig_rax: 0,
            rip: 0,
            cs: 0,
            eflags: 0,
            ss: 0,
            fs_base: 0,
            gs_base: 0,
            ds: 0,
            es: 0,
            fs: 0,
            gs: 0,
        }
    }
}
