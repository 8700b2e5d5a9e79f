// What a guest asks of its processor and of the hypervisor below it, on AArch64: Processor.cs declares it. There is nothing to know that
// way, so that nobody goes on to ask for registers and calls of a hypervisor.

    .text

    .macro function name
    .p2align 4
    .globl \name
\name:
    .endm

// void NetBootCpuid(uint leaf, uint subleaf, uint* result)
function NetBootCpuid
    stp xzr, xzr, [x2]
    ret

function NetBootReadMsr
function NetBootWriteMsr
function NetBootHyperVCall
function NetBootXenCall
    mov x0, #0
    ret
