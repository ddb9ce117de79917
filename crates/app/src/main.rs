//! The `qihang` program: everything is in the library.

fn main() -> std::process::ExitCode {
    qihang::cli::main()
}
