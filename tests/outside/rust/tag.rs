//! A processor in Rust without one line of C: the structs of the ABI as Rust has them, written from the headers. Adds a field.
#![allow(non_camel_case_types)]
use std::ffi::{c_char, c_int, c_void};
use std::panic::catch_unwind;

#[repr(C)]
#[derive(Clone, Copy)]
struct cxd_bytes {
    ptr: *const c_char,
    len: usize,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct cxd_value {
    ptr: *const c_char,
    len: u32,
    kind: u8,
    flags: u8,
    reserved: u16,
}

const KIND_STRING: u8 = 4;
const VALUE_TEXT: u8 = 2;
const PROCESSOR: u32 = 2;
const CAN_EVENTS: u64 = 1;
const KEEP: c_int = 0;
const NOMEM: c_int = -1;
const BUG: c_int = -28;

/// The table up to what is used here; what lies behind is not looked at. Functions of no interest are pointers.
#[repr(C)]
struct cxd_host {
    size: u32,
    abi: u32,
    offers: u64,
    alloc: extern "C" fn(*mut c_void, usize) -> *mut c_void,
    memory: [*const c_void; 2],
    log: extern "C" fn(*mut c_void, c_int, *const c_char, usize),
    upto_events: [*const c_void; UPTO_ROOT],
    event_root: extern "C" fn(*mut c_void) -> *mut c_void,
    event_set_id: *const c_void,
    node_expand: *const c_void,
    node_find: *const c_void,
    node_put: extern "C" fn(*mut c_void, *mut c_void, cxd_bytes, cxd_value) -> *mut c_void,
}

include!(env!("OUTSIDE_OFFSETS")); // UPTO_ROOT, ABI, and what the C compiler says of sizes

#[repr(C)]
struct cxd_option {
    name: *const c_char,
    kind: u32,
    flags: u32,
    default_value: *const c_char,
    help: *const c_char,
    children: *const cxd_option,
}

#[repr(C)]
struct cxd_processor_ops {
    size: u32,
    reserved: u32,
    open: extern "C" fn(*const cxd_host, *mut c_void, cxd_bytes, *mut *mut c_void, *mut c_void) -> c_int,
    process: extern "C" fn(*mut c_void, *mut c_void, *mut c_void) -> c_int,
    close: extern "C" fn(*mut c_void),
}

#[repr(C)]
struct cxd_module {
    size: u32,
    abi: u32,
    build: *const c_char,
    kind: u32,
    reserved: u32,
    needs: u64,
    name: *const c_char,
    aliases: *const c_char,
    version: *const c_char,
    summary: *const c_char,
    options: *const cxd_option,
    ops: *const c_void,
    next: *const cxd_module,
}

unsafe impl Sync for cxd_option {}
unsafe impl Sync for cxd_module {}

const _: () = assert!(std::mem::size_of::<cxd_module>() == SIZE_MODULE);
const _: () = assert!(std::mem::size_of::<cxd_option>() == SIZE_OPTION);
const _: () = assert!(std::mem::size_of::<cxd_value>() == SIZE_VALUE);
const _: () = assert!(std::mem::offset_of!(cxd_host, event_root) == OFFSET_ROOT);
const _: () = assert!(std::mem::offset_of!(cxd_host, node_put) == OFFSET_PUT);

struct Tag {
    host: *const cxd_host,
    text: &'static str,
}

extern "C" fn open(host: *const cxd_host, _self: *mut c_void, _options: cxd_bytes, ret: *mut *mut c_void, _err: *mut c_void) -> c_int {
    let made = catch_unwind(|| Box::into_raw(Box::new(Tag { host, text: "from \"Rust\"" })));
    match made {
        Ok(tag) => {
            unsafe { *ret = tag as *mut c_void };
            0
        }
        Err(_) => BUG,
    }
}

extern "C" fn process(instance: *mut c_void, event: *mut c_void, _err: *mut c_void) -> c_int {
    let tag = unsafe { &*(instance as *const Tag) };
    let host = unsafe { &*tag.host };
    let key = "language";
    let value = cxd_value { ptr: tag.text.as_ptr() as *const c_char, len: tag.text.len() as u32, kind: KIND_STRING, flags: VALUE_TEXT, reserved: 0 };
    let root = (host.event_root)(event);
    let node = (host.node_put)(event, root, cxd_bytes { ptr: key.as_ptr() as *const c_char, len: key.len() }, value);
    if root.is_null() || node.is_null() { NOMEM } else { KEEP }
}

extern "C" fn close(instance: *mut c_void) {
    drop(unsafe { Box::from_raw(instance as *mut Tag) });
}

const fn text(bytes: &'static [u8]) -> *const c_char {
    bytes.as_ptr() as *const c_char
}

static OPS: cxd_processor_ops = cxd_processor_ops { size: std::mem::size_of::<cxd_processor_ops>() as u32, reserved: 0, open, process, close };
static OPTIONS: [cxd_option; 1] = [cxd_option { name: std::ptr::null(), kind: 0, flags: 0, default_value: std::ptr::null(), help: std::ptr::null(), children: std::ptr::null() }];
static MODULE: cxd_module = cxd_module {
    size: SIZE_MODULE as u32,
    abi: ABI,
    build: text(BUILD),
    kind: PROCESSOR,
    reserved: 0,
    needs: CAN_EVENTS,
    name: text(b"outside-tag\0"),
    aliases: std::ptr::null(),
    version: text(b"0.1\0"),
    summary: text(b"Adds a field, in Rust\0"),
    options: OPTIONS.as_ptr(),
    ops: &OPS as *const cxd_processor_ops as *const c_void,
    next: std::ptr::null(),
};

#[no_mangle]
pub extern "C" fn cxd_module_entry(_host: *const c_void, _err: *mut c_void) -> *const c_void {
    &MODULE as *const cxd_module as *const c_void
}
