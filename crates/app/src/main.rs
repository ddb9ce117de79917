//! The `qihang` program: everything is in the library.

/// Pages, workbooks and imports are made of very many small strings; the system's allocator spends a good part of the time
/// on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    qihang::cli::main()
}
