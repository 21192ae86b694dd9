//! Embeds the consoles: every file of `console/dist/site`, when `make console` made it. Without them the server
//! serves a page that says how they are built.

use std::{env, error::Error, fmt::Write as _, fs, io, path::Path, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let dist = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../console/dist");
    println!("cargo::rerun-if-changed={}", dist.display());
    let site = dist.join("site");
    let mut files = Vec::new();
    if site.is_dir() {
        collect(&site, &mut files)?;
    }
    files.sort();
    let mut source = String::from("&[\n");
    for file in files.iter().filter(|file| !is_compressed(file)) {
        let path = file.strip_prefix(&site)?.to_string_lossy().replace('\\', "/");
        let [brotli, gzip] = ["br", "gz"].map(|suffix| {
            let packed = PathBuf::from(format!("{}.{suffix}", file.display()));
            if packed.is_file() { format!("Some({})", include(&packed)) } else { "None".to_owned() }
        });
        let content = include(file);
        writeln!(source, "Asset {{ path: {path:?}, content: {content}, brotli: {brotli}, gzip: {gzip} }},")?;
    }
    source.push(']');
    fs::write(Path::new(&env::var("OUT_DIR")?).join("console_assets.rs"), source)?;
    Ok(())
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn is_compressed(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "br" || extension == "gz")
}

fn include(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}
