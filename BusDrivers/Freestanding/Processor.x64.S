# What a guest asks of its processor and of the hypervisor below it, on x86-64: Processor.cs declares it. Microsoft's x64 calling convention,
# as that of UEFI (2.10, 2.3.4): arguments in rcx, rdx, r8, r9 above 32 bytes of the callee's own; rbx, rbp, rsi, rdi and r12-r15 are
# preserved.
#
# Each function begins with a no-operation that carries a tag, so that a model of a hypervisor outside of the machine, which has none, finds
# these functions in memory, stops the processor there, and answers in their place.

    .intel_syntax noprefix
    .text

    .macro tagged name tag
    .p2align 4
    .globl \name
\name:
    .byte 0x0F, 0x1F, 0x84, 0x00
    .long \tag
    .endm

# void NetBootCpuid(uint leaf, uint subleaf, uint* result): eax, ebx, ecx, edx.
    tagged NetBootCpuid 0x4E420001
    push rbx
    mov eax, ecx
    mov ecx, edx
    cpuid
    mov [r8], eax
    mov [r8 + 4], ebx
    mov [r8 + 8], ecx
    mov [r8 + 12], edx
    pop rbx
    ret

# ulong NetBootReadMsr(uint register)
    tagged NetBootReadMsr 0x4E420002
    rdmsr
    shl rdx, 32
    or rax, rdx
    ret

# void NetBootWriteMsr(uint register, ulong value)
    tagged NetBootWriteMsr 0x4E420003
    mov rax, rdx
    shr rdx, 32
    wrmsr
    ret

# ulong NetBootHyperVCall(void* page, ulong control, ulong input, ulong output): through the page that the hypervisor made (TLFS,
# "Hypercall Interface"). It changes none of the registers that are preserved here.
    tagged NetBootHyperVCall 0x4E420004
    mov rax, rcx
    mov rcx, rdx
    mov rdx, r8
    mov r8, r9
    sub rsp, 0x28
    call rax
    add rsp, 0x28
    ret

# ulong NetBootXenCall(byte* page, uint number, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5): through the page that Xen made, one
# stub of 32 bytes for each number. The arguments go in rdi, rsi, rdx, r10 and r8 (Xen, public/arch-x86/xen-x86_64.h), of which the first
# two are preserved here.
    tagged NetBootXenCall 0x4E420005
    push rdi
    push rsi
    mov eax, edx
    shl eax, 5
    add rax, rcx
    mov rdi, r8
    mov rsi, r9
    mov rdx, [rsp + 0x38]
    mov r10, [rsp + 0x40]
    mov r8, [rsp + 0x48]
    sub rsp, 0x28
    call rax
    add rsp, 0x28
    pop rsi
    pop rdi
    ret

# uint NetBootIsAArch64(); and what only AArch64 has, and nobody has a reason to call: void NetBootHvc(ulong* registers),
# void NetBootSmc(ulong* registers).
    .p2align 4
    .globl NetBootIsAArch64
    .globl NetBootHvc
    .globl NetBootSmc
NetBootIsAArch64:
NetBootHvc:
NetBootSmc:
    xor eax, eax
    ret
