// What a guest asks of its processor and of the hypervisor below it, on AArch64: Processor.cs declares it. AAPCS64, as that of UEFI
// (2.10, 2.3.6): x19-x29 are preserved, x18 is left alone.

    .text

    .macro function name
    .p2align 4
    .globl \name
\name:
    .endm

// uint NetBootIsAArch64()
function NetBootIsAArch64
    mov w0, #1
    ret

// void NetBootHvc(ulong* registers), void NetBootSmc(ulong* registers): gives x0-x17 to who handles the instruction, and keeps what is in
// them then; he preserves the others (DEN0028, SMC Calling Convention 1.2).
    .macro call name instruction
    function \name
    stp x19, x30, [sp, #-0x10]!
    mov x19, x0
    ldp x2, x3, [x19, #0x10]
    ldp x4, x5, [x19, #0x20]
    ldp x6, x7, [x19, #0x30]
    ldp x8, x9, [x19, #0x40]
    ldp x10, x11, [x19, #0x50]
    ldp x12, x13, [x19, #0x60]
    ldp x14, x15, [x19, #0x70]
    ldp x16, x17, [x19, #0x80]
    ldp x0, x1, [x19]
    \instruction #0
    stp x0, x1, [x19]
    stp x2, x3, [x19, #0x10]
    stp x4, x5, [x19, #0x20]
    stp x6, x7, [x19, #0x30]
    stp x8, x9, [x19, #0x40]
    stp x10, x11, [x19, #0x50]
    stp x12, x13, [x19, #0x60]
    stp x14, x15, [x19, #0x70]
    stp x16, x17, [x19, #0x80]
    ldp x19, x30, [sp], #0x10
    ret
    .endm

    call NetBootHvc hvc
    call NetBootSmc smc

// void NetBootCpuid(uint leaf, uint subleaf, uint* result): nothing is known that way.
function NetBootCpuid
    stp xzr, xzr, [x2]
    ret

// What only x64 has, and nobody has a reason to call.
function NetBootReadMsr
function NetBootWriteMsr
function NetBootHyperVCall
function NetBootXenCall
    mov x0, #0
    ret
