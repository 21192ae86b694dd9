//! `device.software_renderer`: graphics are drawn by the processor or a virtual machine.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// What renderers of software and of virtual machines call themselves, lower-case, and what to call them.
const VIRTUAL: &[(&str, &str)] = &[
    ("swiftshader", "SwiftShader"),
    ("llvmpipe", "llvmpipe"),
    ("softpipe", "softpipe"),
    ("swrast", "swrast"),
    ("software rasterizer", "a software rasterizer"),
    ("software adapter", "a software adapter"),
    ("software renderer", "a software renderer"),
    ("mesa offscreen", "Mesa OffScreen"),
    ("basic render", "Microsoft Basic Render"),
    ("virtualbox", "VirtualBox"),
    ("vmware", "VMware"),
    ("svga3d", "VMware"),
    ("parallels", "Parallels"),
    ("virgl", "virgl"),
    ("android emulator", "the Android emulator"),
];

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.software_renderer",
    title: "The graphics are virtual",
    doc: Doc {
        why: "Bots and account farms run in data centers, where there is no graphics card: WebGL then names a \
              software renderer or a virtual machine's adapter.",
        quiet: "Quiet for every other renderer. Unknown when no renderer is sent: WebGL may be switched off, or hidden \
                for privacy.",
        wrong: "Remote desktops, company thin clients, old computers whose driver is blocklisted, and people who work \
                in a virtual machine.",
        source: "The names that Chromium, Mesa, Microsoft, Oracle, VMware, Parallels and QEMU give their renderers.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::WEBGL_RENDERER).map(|renderer| virtual_renderer(renderer).is_some()))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let name = facts.known(device::WEBGL_RENDERER).and_then(virtual_renderer).unwrap_or("software");
    format!("The graphics are drawn by {name}")
}

/// Which virtual renderer the text names. One pass over a lower-case copy on the stack: this runs for every event.
fn virtual_renderer(renderer: &str) -> Option<&'static str> {
    let mut buffer = [0; 192];
    let length = renderer.len().min(buffer.len());
    let lower = &mut buffer[..length];
    lower.copy_from_slice(&renderer.as_bytes()[..length]);
    lower.make_ascii_lowercase();
    let lower = match std::str::from_utf8(lower) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&lower[..error.valid_up_to()]).unwrap_or_default(),
    };
    VIRTUAL.iter().find(|(name, _)| lower.contains(name)).map(|(_, title)| *title)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;
    use proptest::prelude::*;

    use super::*;
    use crate::signals::read;

    fn reading(renderer: &str) -> (Reading, String) {
        read(&SIGNAL, |facts| facts.set(device::WEBGL_RENDERER, renderer))
    }

    #[test]
    fn fires_on_software_and_virtual_machines() {
        let cases = [
            (
                "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
                "SwiftShader",
            ),
            ("Google SwiftShader", "SwiftShader"),
            ("llvmpipe (LLVM 15.0.7, 256 bits)", "llvmpipe"),
            ("Mesa OffScreen", "Mesa OffScreen"),
            (
                "ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0, D3D11)",
                "Microsoft Basic Render",
            ),
            ("ANGLE (Software Adapter Direct3D11 vs_4_1 ps_4_1)", "a software adapter"),
            ("VirtualBox Graphics Adapter", "VirtualBox"),
            ("ANGLE (VMware, Inc., SVGA3D; build: RELEASE; LLVM;, OpenGL 4.3)", "VMware"),
            (
                "ANGLE (Parallels, Parallels using Apple M1 Pro (Compat) Direct3D11 vs_5_0 ps_5_0, D3D11)",
                "Parallels",
            ),
            ("virgl (ANGLE (Apple, Apple M4 Pro, OpenGL 4.1 Metal - 89.4))", "virgl"),
        ];
        for (renderer, name) in cases {
            assert_eq!(reading(renderer), (Reading::Fired, format!("The graphics are drawn by {name}")));
        }
    }

    #[test]
    fn is_quiet_on_real_graphics() {
        let real = [
            "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 (0x00002503) Direct3D11 vs_5_0 ps_5_0, D3D11)",
            "ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)",
            "Apple GPU",
            "Adreno (TM) 740",
            "Mali-G78",
            "Mesa Intel(R) UHD Graphics 620 (KBL GT2)",
            "",
        ];
        for renderer in real {
            assert_eq!(reading(renderer).0, Reading::Quiet, "{renderer}");
        }
    }

    #[test]
    fn is_unknown_without_webgl() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }

    proptest! {
        #[test]
        fn never_panics(renderer in ".{0,300}") {
            let _ = reading(&renderer);
        }
    }
}
