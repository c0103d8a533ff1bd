//! The binary: everything is in the library.

/// Rows are made on one thread and dropped on another, which the system's allocator is slow at: with this one an
/// import takes two thirds of the CPU.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    landfall::cli::main()
}
