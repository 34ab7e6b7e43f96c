/// Takes the field before the next colon, and that colon, off the front of `rest`; `None` if there
/// is no further colon.
pub(crate) fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let text = *rest;
    let colon = text.iter().position(|&byte| byte == b':')?;
    *rest = &text[colon + 1..];
    Some(&text[..colon])
}
